namespace AttentionOperator.Api.Tests.Upgrades;

/// <summary>What former releases left, under testassets/releases.</summary>
internal static class Releases
{
    public static TheoryData<string> All() => [.. Directory.GetDirectories(Root).Select(directory => Path.GetFileName(directory)!).Order(StringComparer.Ordinal)];

    public static string Read(string release, params string[] path) => File.ReadAllText(Path.Combine([Root, release, .. path]));

    private static string Root => Path.Combine(RepositoryRoot.Path, "testassets", "releases");
}
