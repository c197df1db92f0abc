namespace AttentionOperator.Sandbox.NodeAgent.Images;

/// <summary>Images that every cluster can pull and that the host's own tools can stand for.</summary>
internal static class HostImages
{
    private static readonly IReadOnlyList<string> Shell = ["/bin/sh"];

    public static IReadOnlyDictionary<string, IReadOnlyList<string>> All { get; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
    {
        ["busybox"] = Shell,
        ["alpine"] = Shell,
        ["debian"] = Shell,
        ["ubuntu"] = Shell,
        ["pause"] = ["/bin/sleep", "infinity"],
    };
}
