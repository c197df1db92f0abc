using System.Text;
using AttentionOperator.Gateway.Admission;
using AttentionOperator.Kube.Objects;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AttentionOperator.Gateway.Tests.Admission;

public sealed class KeyAuditTests
{
    private static readonly ObjectKey Secret = new("ns", "keys");
    private readonly Lines _lines = new();

    [Fact]
    public void EveryChangeOfAKey_LeavesALine_WithoutTheKeyOrItsHash()
    {
        var store = new ApiKeyStore(new KeyAudit(_lines), NullLogger<ApiKeyStore>.Instance);
        store.Set(Secret, Data(("a", 'a', ""), ("b", 'b', ""), ("c", 'c', "")));
        Assert.Equal(3, _lines.Take().Count(l => l.Contains("added", StringComparison.Ordinal)));
        store.Set(Secret, Data(("a", 'a', ""), ("b", 'd', ""), ("c", 'c', ""","tokensPerDay":5""")));
        var lines = _lines.Take();
        Assert.Equal(2, lines.Count);
        Assert.Contains(lines, l => l.Contains("b of ns/keys has a new secret", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("c of ns/keys was changed", StringComparison.Ordinal) && l.Contains("TokensPerDay = 5", StringComparison.Ordinal));
        store.Set(Secret, Data(("a", 'a', ""), ("b", 'd', ""), ("c", 'c', ""","tokensPerDay":5""")));
        Assert.Empty(_lines.Take());
        store.Set(Secret, null);
        Assert.Equal(3, _lines.Take().Count(l => l.Contains("removed", StringComparison.Ordinal)));
        Assert.DoesNotContain(_lines.All, l => l.Contains(new string('a', 64), StringComparison.Ordinal));
    }

    private static Dictionary<string, byte[]> Data(params (string Id, char Hash, string Fields)[] keys) =>
        keys.ToDictionary(k => k.Id, k => Encoding.UTF8.GetBytes($$"""{"sha256":"{{new string(k.Hash, 64)}}"{{k.Fields}}}"""));

    private sealed class Lines : ILogger<KeyAudit>
    {
        private List<string> _new = [];

        public List<string> All { get; } = [];

        public List<string> Take()
        {
            var lines = _new;
            _new = [];
            return lines;
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            _new.Add(formatter(state, exception));
            All.Add(formatter(state, exception));
        }
    }
}
