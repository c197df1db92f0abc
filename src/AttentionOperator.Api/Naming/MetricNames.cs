namespace AttentionOperator.Api.Naming;

/// <summary>Metrics that one process exposes and another reads.</summary>
public static class MetricNames
{
    /// <summary>
    /// Counter of the gateways: judged requests per model, revision and objective. Labels: <see cref="ModelNamespace"/>, <see cref="Model"/>, <see cref="Revision"/>,
    /// <see cref="Objective"/>, and <see cref="Result"/> with <see cref="Good"/> or <see cref="Bad"/>.
    /// </summary>
    public const string ObjectiveRequests = "attention_gateway_objective_requests_total";

    /// <summary>Not <c>namespace</c>, which Prometheus sets to the scraped pod's.</summary>
    public const string ModelNamespace = "model_namespace";

    public const string Model = "model";
    public const string Revision = "revision";
    public const string Objective = "objective";
    public const string Result = "result";
    public const string Good = "good";
    public const string Bad = "bad";
}
