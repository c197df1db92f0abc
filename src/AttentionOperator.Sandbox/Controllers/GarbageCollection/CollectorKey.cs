using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Sandbox.Controllers.GarbageCollection;

/// <summary>An object to look at.</summary>
internal readonly record struct CollectorKey(ResourceKind Resource, ObjectKey Key)
{
    public override string ToString() => $"{Resource.FullName}/{Key}";
}
