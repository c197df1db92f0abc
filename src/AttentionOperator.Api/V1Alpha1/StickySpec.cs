using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>What keeps a caller on one revision.</summary>
[CelRule("self.by != 'Header' || has(self.header)", "traffic.sticky.header must be set when traffic.sticky.by is Header")]
public sealed record StickySpec
{
    /// <summary>What identifies the caller.</summary>
    public StickyKey By { get; init; } = StickyKey.User;

    /// <summary>Name of the header, for by Header.</summary>
    [Length(64, 1)]
    [Pattern("^[A-Za-z0-9-]+$")]
    public string? Header { get; init; }
}
