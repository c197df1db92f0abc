using AttentionOperator.Gateway.Admission;
using AttentionOperator.Gateway.Spending;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Gateway.Tests.Spending;

public sealed class SpendingLedgerTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 26, 10, 0, 0, TimeSpan.Zero));

    [Fact]
    public void ADay_IsBoundedByItsBudget_AndTheNextBeginsAtZero()
    {
        var ledger = new SpendingLedger(_time);
        var limits = TenantLimits.None with { TokensPerDay = 100 };
        Assert.Null(ledger.Reserve("t", limits, new Spent(60, 0)));
        var refused = ledger.Reserve("t", limits, new Spent(60, 0))!;
        Assert.Equal((429, "DailyBudget", TimeSpan.FromHours(14)), (refused.Status, refused.Reason, refused.RetryAfter));
        Assert.Null(ledger.Reserve("other", limits, new Spent(60, 0)));
        ledger.Settle("t", new Spent(60, 0), new Spent(10, 0));
        Assert.Null(ledger.Reserve("t", limits, new Spent(90, 0)));
        _time.Advance(TimeSpan.FromHours(14));
        ledger.Settle("t", new Spent(90, 0), default);
        Assert.Null(ledger.Reserve("t", limits, new Spent(100, 0)));
    }

    [Fact]
    public void Cost_HasBudgetsOfItsOwn()
    {
        var ledger = new SpendingLedger(_time);
        var prices = TokenPrices.Of(new() { PerReplicaHour = "1", PerMillionInputTokens = "2", PerMillionOutputTokens = "10" });
        var request = prices.Of(new(500_000, 100_000));
        Assert.Equal(new Spent(600_000, 2), request);
        var limits = TenantLimits.None with { CostPerMonth = 3.5m };
        Assert.Null(ledger.Reserve("t", limits, request));
        Assert.Equal("MonthlyBudget", ledger.Reserve("t", limits, request)!.Reason);
    }

    [Fact]
    public void GatewaysThatShareAStore_SeeWhatTheOthersSpent_AlsoAfterARestart()
    {
        var store = new MemoryStore(_time);
        var limits = TenantLimits.None with { TokensPerMonth = 100 };
        var (a, b) = (new SpendingLedger(_time), new SpendingLedger(_time));
        Assert.Null(a.Reserve("t", limits, new Spent(70, 0)));
        a.Settle("t", new Spent(70, 0), new Spent(70, 0));
        Assert.Null(b.Reserve("t", limits, new Spent(20, 0)));
        b.Settle("t", new Spent(20, 0), new Spent(20, 0));
        store.Exchange(a);
        store.Exchange(b);
        store.Exchange(a);
        Assert.NotNull(a.Reserve("t", limits, new Spent(11, 0)));
        Assert.Null(a.Reserve("t", limits, new Spent(10, 0)));
        var restarted = new SpendingLedger(_time);
        store.Exchange(restarted);
        Assert.NotNull(restarted.Reserve("t", limits, new Spent(11, 0)));
        _time.Advance(TimeSpan.FromDays(5));
        store.Exchange(restarted);
        Assert.Null(restarted.Reserve("t", limits, new Spent(100, 0)));
    }

    [Fact]
    public void OverspendingOfSeveralGateways_IsBoundedByWhatWasReservedBetweenTwoExchanges() =>
        Gen.Select(Gen.Int[2, 4], Gen.Int[1, 60], Gen.Int[0, 3].List[10, 200]).Sample((gateways, size, steps) =>
        {
            var store = new MemoryStore(_time);
            var limits = TenantLimits.None with { TokensPerDay = 1000 };
            var ledgers = Enumerable.Range(0, gateways).Select(_ => new SpendingLedger(_time)).ToList();
            long total = 0, sinceExchange = 0, worst = 0;
            foreach (var (step, i) in steps.Select((s, i) => (s, i)))
            {
                var ledger = ledgers[step % gateways];
                if (ledger.Reserve("t", limits, new Spent(size, 0)) is null)
                {
                    ledger.Settle("t", new Spent(size, 0), new Spent(size, 0));
                    (total, sinceExchange) = (total + size, sinceExchange + size);
                    worst = Math.Max(worst, sinceExchange);
                }

                if (i % 7 != 6) continue;
                foreach (var each in ledgers.Concat(ledgers)) store.Exchange(each);
                sinceExchange = 0;
            }

            Assert.True(total <= 1000 + worst);
        });

    [Fact]
    public void ARecord_IsReadAsItWasWritten()
    {
        var record = new SpendingRecord();
        record.Add("2026-11", "ns/keys/a \"b\"", new Spent(5, 0.25m));
        record.Add("2026-11-26", "ns/keys/c", new Spent(long.MaxValue, 0.000001m));
        Assert.Equal(record.Entries, SpendingRecord.Parse(record.ToJson()).Entries);
        Assert.Throws<FormatException>(() => SpendingRecord.Parse("[]"));
        Assert.Throws<FormatException>(() => SpendingRecord.Parse("{\"2026-11\":{\"a\":{}}}"));
    }

    private sealed class MemoryStore(TimeProvider time)
    {
        private SpendingRecord _all = new();

        public void Exchange(SpendingLedger ledger)
        {
            var unsaved = ledger.Unsaved();
            _all = SpendingRecord.Parse(_all.Plus(unsaved, time.GetUtcNow()).ToJson());
            ledger.Saved(unsaved, _all);
        }
    }
}
