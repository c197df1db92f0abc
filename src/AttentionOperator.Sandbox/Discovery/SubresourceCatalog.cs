namespace AttentionOperator.Sandbox.Discovery;

/// <summary>The subresources that discovery lists for a resource.</summary>
internal static class SubresourceCatalog
{
    public static IEnumerable<SubresourceInfo> Of(ResourceDefinition resource)
    {
        if (resource.HasStatus) yield return new SubresourceInfo("status", resource.Group, resource.Version, resource.Kind, ["get", "patch", "update"]);
        if (resource.Scale is not null) yield return new SubresourceInfo("scale", "autoscaling", "v1", "Scale", ["get", "patch", "update"]);
        switch (resource.StorageKey)
        {
            case "/pods" when resource.Group.Length == 0:
                yield return new SubresourceInfo("binding", "", "v1", "Binding", ["create"]);
                yield return new SubresourceInfo("eviction", "policy", "v1", "Eviction", ["create"]);
                yield return new SubresourceInfo("log", "", "v1", "Pod", ["get"]);
                break;
            case "/namespaces":
                yield return new SubresourceInfo("finalize", "", "v1", "Namespace", ["update"]);
                break;
            case "/serviceaccounts":
                yield return new SubresourceInfo("token", "authentication.k8s.io", "v1", "TokenRequest", ["create"]);
                break;
        }
    }
}
