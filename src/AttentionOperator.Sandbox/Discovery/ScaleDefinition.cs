namespace AttentionOperator.Sandbox.Discovery;

/// <summary>Where the scale subresource finds its numbers, as JSON paths of CustomResourceDefinitions (<c>.spec.replicas</c>).</summary>
internal sealed record ScaleDefinition(string SpecReplicasPath, string StatusReplicasPath, string? LabelSelectorPath);
