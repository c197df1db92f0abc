namespace AttentionOperator.Inference.Tests.Engine;

/// <summary>Finds the fixtures of the repository from wherever the tests run.</summary>
internal static class Repository
{
    public static string Golden(params string[] parts)
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "AttentionOperator.sln"))) return Path.Combine([directory.FullName, "testassets", "golden", .. parts]);
        throw new DirectoryNotFoundException($"No AttentionOperator.sln above {AppContext.BaseDirectory}.");
    }
}
