using System.Globalization;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;

namespace AttentionOperator.Sandbox.Faults;

/// <summary>Faults on demand: errors, delays, and watches that are dropped or fall silent. Rules are tried in order; each counts down.</summary>
public sealed class FaultInjector
{
    private readonly Lock _lock = new();
    private readonly List<FaultRule> _rules = [];

    public void Add(FaultRule rule)
    {
        lock (_lock) _rules.Add(rule);
    }

    public void Clear()
    {
        lock (_lock) _rules.Clear();
    }

    /// <summary>The rule that hits this request, counted.</summary>
    internal FaultRule? Take(string method, string path, bool watch)
    {
        lock (_lock)
        {
            var index = _rules.FindIndex(r => r.Matches(method, path, watch));
            if (index < 0) return null;
            var rule = _rules[index];
            if (rule.Times is { } times)
            {
                if (times <= 1) _rules.RemoveAt(index);
                else _rules[index] = rule with { Times = times - 1 };
            }

            return rule;
        }
    }

    internal static ApiException Error(FaultRule rule)
    {
        var reason = rule.Code switch { 401 => "Unauthorized", 403 => "Forbidden", 404 => "NotFound", 409 => "Conflict", 410 => "Expired", 429 => "TooManyRequests", 503 => "ServiceUnavailable", 504 => "Timeout", _ => "InternalError" };
        var details = new JsonObject();
        if (rule.RetryAfterSeconds is { } seconds) details["retryAfterSeconds"] = seconds;
        return new ApiException(rule.Code!.Value, reason, string.Create(CultureInfo.InvariantCulture, $"injected fault {rule.Code}"), details) { RetryAfterSeconds = rule.RetryAfterSeconds };
    }
}
