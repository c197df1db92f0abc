namespace AttentionOperator.Kube.Objects;

/// <summary>An entry of metadata.ownerReferences.</summary>
public readonly record struct ObjectOwner(string Kind, string Name, string Uid, bool IsController);
