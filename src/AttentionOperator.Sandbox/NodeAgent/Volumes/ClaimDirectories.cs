namespace AttentionOperator.Sandbox.NodeAgent.Volumes;

/// <summary>Host directories that stand for PersistentVolumeClaims, by <c>claim</c> or <c>namespace/claim</c>.</summary>
internal sealed class ClaimDirectories(IReadOnlyDictionary<string, string> directories)
{
    public string? Find(string @namespace, string claim) =>
        directories.GetValueOrDefault($"{@namespace}/{claim}") ?? directories.GetValueOrDefault(claim);
}
