namespace AttentionOperator.Slo;

/// <summary>What the objectives together say about a canary.</summary>
internal enum CanaryVerdict
{
    /// <summary>The canary saw no request: neither failure nor success.</summary>
    Silent,

    /// <summary>Some objective is undecided and none is violated.</summary>
    Inconclusive,

    /// <summary>Every objective is healthy.</summary>
    Healthy,

    /// <summary>Violated objectives are violated by the stable revision too over the same interval: the canary is not the cause.</summary>
    Ambient,

    /// <summary>An objective is violated by the canary and not by the stable revision.</summary>
    Violating,
}
