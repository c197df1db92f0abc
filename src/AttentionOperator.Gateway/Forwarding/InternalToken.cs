namespace AttentionOperator.Gateway.Forwarding;

/// <summary>What proves to runtimes that a request comes from the gateway; without it answers cannot be continued.</summary>
/// <param name="Value">The shared secret; null = none.</param>
internal sealed record InternalToken(string? Value)
{
    public override string ToString() => Value is null ? "none" : "set";
}
