using AttentionOperator.Kube.Events;
using AttentionOperator.Kube.Objects;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Kube.Tests.Events;

public sealed class EventAggregatorTests
{
    private readonly FakeTimeProvider clock = new();
    private readonly EventAggregator aggregator;

    public EventAggregatorTests() => aggregator = new EventAggregator(new EventOptions { Component = "test", MaxRemembered = 64 }, clock);

    [Fact]
    public void SameNote_RaisesTheCountOfOneEvent()
    {
        EventDecision first = aggregator.Decide(Note("m"));
        clock.Advance(TimeSpan.FromMinutes(9));
        EventDecision second = aggregator.Decide(Note("m"));
        Assert.Equal(EventDecisionKind.Create, first.Kind);
        Assert.Equal(EventDecisionKind.Repeat, second.Kind);
        Assert.Equal(first.Series!.Name, second.Series!.Name);
        Assert.Equal(2, second.Series.Count);
        clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(EventDecisionKind.Create, aggregator.Decide(Note("m")).Kind);
    }

    [Fact]
    public void ManyMessagesOfOneReason_AreCombined()
    {
        List<EventDecision> decisions = [.. Enumerable.Range(0, 15).Select(i => aggregator.Decide(Note($"m{i}")))];
        Assert.Equal(11, decisions.Count(d => d.Kind == EventDecisionKind.Create));
        Assert.Equal(4, decisions.Count(d => d.Kind == EventDecisionKind.Repeat));
        Assert.StartsWith("(combined from similar events)", decisions[14].Series!.Message, StringComparison.Ordinal);
        Assert.Equal(5, decisions[14].Series!.Count);
    }

    [Fact]
    public void TalkativeObject_IsCutOff_OthersAreNot()
    {
        for (int i = 0; i < 25; i++)
        {
            Assert.NotEqual(EventDecisionKind.Drop, aggregator.Decide(Note("m")).Kind);
        }

        Assert.Equal(EventDecisionKind.Drop, aggregator.Decide(Note("m")).Kind);
        Assert.Equal(EventDecisionKind.Create, aggregator.Decide(Note("m", uid: "another")).Kind);
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.NotEqual(EventDecisionKind.Drop, aggregator.Decide(Note("m")).Kind);
    }

    [Fact]
    public void Memory_IsBounded()
    {
        for (int i = 0; i < 10_000; i++)
        {
            aggregator.Decide(Note("m", uid: $"u{i}"));
        }

        Assert.InRange(aggregator.Remembered, 1, 3 * 65);
    }

    [Fact]
    public void Names_AreUniqueAndFit()
    {
        string longName = new('n', 250);
        HashSet<string> names = [.. Enumerable.Range(0, 20).Select(i => aggregator.Decide(Note("m", uid: $"u{i}", name: longName)).Series!.Name)];
        Assert.Equal(20, names.Count);
        Assert.All(names, n => Assert.InRange(n.Length, 1, 253));
    }

    private static EventNote Note(string message, string uid = "u", string name = "a") => new(
        new ResourceKind("", "v1", "pods", "Pod"),
        new ObjectIdentity(new ObjectKey("ns", name), uid, "1"),
        EventKind.Warning,
        "Failed",
        "Reconcile",
        message);
}
