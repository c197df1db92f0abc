namespace AttentionOperator.Inference.Tests;

/// <summary>Finds the reference fixtures of the repository.</summary>
internal static class GoldenDirectory
{
    public static string Path { get; } = Find();

    public static string Of(string fixture) => System.IO.Path.Combine(Path, fixture);

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var candidate = System.IO.Path.Combine(directory.FullName, "testassets", "golden");
            if (Directory.Exists(candidate))
                return candidate;
        }

        throw new DirectoryNotFoundException("testassets/golden is not above the test's directory");
    }
}
