using System.Text.Json;
using AttentionOperator.Inference;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Fidelity;

/// <summary>Runs everything that a fixture's golden.json asks for.</summary>
public static class Fixtures
{
    /// <summary>Names of the fixtures in a directory of the golden layout.</summary>
    public static IReadOnlyList<string> In(string directory) =>
        [.. Directory.EnumerateDirectories(directory).Where(d => File.Exists(Path.Combine(d, "golden.json"))).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    /// <param name="directory">Of the golden layout.</param>
    /// <param name="name">The fixture.</param>
    /// <param name="executor">What computes; hidden states are compared on libtorch only, which can show them.</param>
    public static FixtureReport Run(string directory, string name, ExecutorKind executor = ExecutorKind.Libtorch) =>
        Run(directory, name, new LoadOptions { Executor = executor });

    /// <param name="directory">Of the golden layout.</param>
    /// <param name="name">The fixture.</param>
    /// <param name="options">What computes; the arithmetic is float32 whatever they say.</param>
    public static FixtureReport Run(string directory, string name, LoadOptions options)
    {
        var report = new FixtureReport(name);
        var path = Path.Combine(directory, name);
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(path, "golden.json")));
        var golden = document.RootElement;
        if (golden.Find("order") is not null)
            Guard(report, "sampling", () => SamplingChecks.Run(report, golden));
        if (golden.Find("tokenizer") is not null)
            Guard(report, "tokenizer", () => TokenizerChecks.Run(report, TokenizerLoader.Load(path), golden));
        Guard(report, "model", () => Model(report, path, golden, options with { Precision = Api.V1Alpha1.Precision.Float32 }));
        return report;
    }

    private static void Model(FixtureReport report, string path, JsonElement golden, LoadOptions options)
    {
        if (golden.Find("kind")?.GetString() is not { } kind)
            return;
        using var model = ModelLoader.Load(path, options);
        report.Same("kind", model.Kind.ToString(), kind switch { "decoder" => "Decoder", "encoder" => "Encoder", _ => "EncoderDecoder" }, "golden.json");
        switch (model.Kind)
        {
            case Inference.Models.Descriptions.ModelKind.Decoder:
                DecoderChecks.Run(report, model, golden);
                break;
            case Inference.Models.Descriptions.ModelKind.Encoder:
                EncoderChecks.Run(report, model, golden);
                break;
            case Inference.Models.Descriptions.ModelKind.EncoderDecoder:
                Seq2SeqChecks.Run(report, model, golden);
                break;
        }
    }

    /// <summary>An exception fails the fixture, not the run.</summary>
    private static void Guard(FixtureReport report, string part, Action check)
    {
        try
        {
            check();
        }
#pragma warning disable CA1031 // Whatever goes wrong in a fixture is a finding about that fixture.
        catch (Exception error)
#pragma warning restore CA1031
        {
            report.Fail($"{part}: {error.GetType().Name}: {error.Message}");
        }
    }
}
