namespace AttentionOperator.EndToEnd;

/// <summary>Where the programs, the manifests and the models are in the source tree.</summary>
internal static class ProductPaths
{
    private static readonly string[] OwnDirectory = AppContext.BaseDirectory.TrimEnd('/').Split('/');

    public static string Root { get; } = string.Join('/', OwnDirectory[..^5]);

    public static string Configuration => OwnDirectory[^2];

    public static string Quickstart { get; } =
        Path.Combine(Root, "tools", "AttentionOperator.Quickstart", "bin", OwnDirectory[^2], OwnDirectory[^1], "attention-quickstart");

    public static string Sandbox { get; } =
        Path.Combine(Root, "src", "AttentionOperator.Sandbox", "bin", OwnDirectory[^2], OwnDirectory[^1], "attention-sandbox");

    public static string FaultyRuntime { get; } =
        Path.Combine(Root, "tests", "AttentionOperator.FaultyRuntime", "bin", OwnDirectory[^2], OwnDirectory[^1], "faulty-runtime");

    public static string SampleModels { get; } = Path.Combine(Root, "models");

    public static string Config { get; } = Path.Combine(Root, "config", "default");

    public static string Models { get; } = Path.Combine(Root, "testassets", "golden");
}
