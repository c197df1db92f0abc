namespace AttentionOperator.Sandbox.NodeAgent.Images;

/// <summary>The product's own programs, where they lie beside the Sandbox: published into one directory, or built in the source tree.</summary>
internal static class ProductImages
{
    private static readonly (string Program, string Project)[] Programs =
    [
        ("attention-operator", "AttentionOperator"),
        ("attention-gateway", "AttentionOperator.Gateway"),
        ("attention-runtime", "AttentionOperator.Runtime"),
    ];

    /// <summary>Command line by image name, for those programs that are there.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Find(string baseDirectory)
    {
        var found = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (program, project) in Programs)
        {
            if (Candidates(baseDirectory, program, project).FirstOrDefault(File.Exists) is { } path)
            {
                found[program] = path.EndsWith(".dll", StringComparison.Ordinal) ? ["dotnet", path] : [path];
            }
        }

        return found;
    }

    // Built programs lie in src/<project>/bin/<configuration>/<framework>, the Sandbox's own directory is of the same shape.
    private static IEnumerable<string> Candidates(string baseDirectory, string program, string project)
    {
        var trimmed = baseDirectory.TrimEnd('/');
        string[] directories =
        [
            trimmed,
            Path.Combine(Path.GetDirectoryName(trimmed) ?? "/", program),
            .. SiblingBuild(trimmed, project),
        ];
        return directories.SelectMany(d => (string[])[Path.Combine(d, program), Path.Combine(d, program + ".dll")]);
    }

    private static string[] SiblingBuild(string baseDirectory, string project)
    {
        var parts = baseDirectory.Split('/');
        var bin = Array.LastIndexOf(parts, "bin");
        if (bin < 2)
        {
            return [];
        }

        var sources = string.Join('/', parts[..(bin - 1)]);
        return [Path.Combine([sources.Length == 0 ? "/" : sources, project, "bin", .. parts[(bin + 1)..]])];
    }
}
