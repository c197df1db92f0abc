namespace AttentionOperator.Packaging.Tests;

/// <summary>Where things are in the source tree.</summary>
internal static class Repository
{
    private static readonly string[] OwnDirectory = AppContext.BaseDirectory.TrimEnd('/').Split('/');

    public static string Root { get; } = string.Join('/', OwnDirectory[..^5]);

    public static string Chart { get; } = PathOf("charts", "attention-operator");

    public static string Sandbox { get; } = PathOf("src", "AttentionOperator.Sandbox", "bin", OwnDirectory[^2], OwnDirectory[^1], "attention-sandbox");

    public static string TestAssets { get; } = PathOf("tests", "AttentionOperator.Packaging.Tests", "testassets");

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    public static string Read(params string[] parts) => File.ReadAllText(PathOf(parts));
}
