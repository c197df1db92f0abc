using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>A ConfigMap entry of JSON lines <c>{"prompt","expected"}</c>.</summary>
public sealed record EvaluationConfigMap
{
    /// <summary>Name of the ConfigMap, in the model's namespace.</summary>
    [RequiredField]
    [Length(253, 1)]
    public string Name { get; init; } = "";

    /// <summary>The entry.</summary>
    [Length(253, 1)]
    [Pattern("^[-._a-zA-Z0-9]+$")]
    public string Key { get; init; } = "golden.jsonl";
}
