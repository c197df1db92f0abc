using AttentionOperator.Kube.Objects;
using k8s;
using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers;

internal static class OwnerReferences
{
    public static V1OwnerReference? Controller(V1ObjectMeta metadata) => metadata.OwnerReferences?.FirstOrDefault(o => o.Controller == true);

    /// <summary>The key of the controlling owner where it is of this kind.</summary>
    public static ObjectKey? ControllerKey(V1ObjectMeta metadata, string kind) =>
        Controller(metadata) is { } owner && owner.Kind == kind ? new ObjectKey(metadata.NamespaceProperty ?? string.Empty, owner.Name) : null;

    public static V1OwnerReference To<T>(T owner)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var kind = ResourceKind.Of<T>();
        return new V1OwnerReference
        {
            ApiVersion = kind.ApiVersion,
            Kind = kind.Kind,
            Name = owner.Metadata.Name,
            Uid = owner.Metadata.Uid,
            Controller = true,
            BlockOwnerDeletion = true,
        };
    }
}
