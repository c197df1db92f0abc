using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Admission;

/// <summary>A field that names another object of the model's namespace.</summary>
internal sealed record Reference(string Field, ResourceKind Resource, string Name);
