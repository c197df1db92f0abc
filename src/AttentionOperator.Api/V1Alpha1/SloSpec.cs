using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Service level objectives, judged per revision.</summary>
[CelRule("self.source != 'Prometheus' || has(self.prometheus)", "slo.prometheus must be set when slo.source is Prometheus")]
public sealed record SloSpec
{
    /// <summary>Where good and bad requests are counted.</summary>
    public SloSource Source { get; init; } = SloSource.Gateway;

    /// <summary>Window of the error budget, as a duration.</summary>
    [Duration]
    public string Window { get; init; } = "720h";

    /// <summary>The objectives.</summary>
    [RequiredField]
    [Length(16, 1)]
    [ListMap("name")]
    public IReadOnlyList<ObjectiveSpec> Objectives { get; init; } = [];

    /// <summary>The Prometheus server, for source Prometheus.</summary>
    public PrometheusSpec? Prometheus { get; init; }
}
