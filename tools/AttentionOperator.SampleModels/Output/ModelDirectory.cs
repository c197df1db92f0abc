using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AttentionOperator.SampleModels.Output;

/// <summary>A model folder in the usual published layout.</summary>
internal static class ModelDirectory
{
    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The tokenizer's files alone; what the product's own loader needs to encode the training text.</summary>
    public static void WriteTokenizer(string directory, JsonObject tokenizer, JsonObject tokenizerConfig)
    {
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "tokenizer.json"), tokenizer.ToJsonString(Compact) + "\n");
        WriteJson(directory, "tokenizer_config.json", tokenizerConfig);
    }

    public static void WriteJson(string directory, string name, JsonNode content) =>
        File.WriteAllText(Path.Combine(directory, name), content.ToJsonString(Pretty) + "\n");

    public static void WriteModel(string directory, JsonObject config, ParameterSet parameters, string card)
    {
        WriteJson(directory, "config.json", config);
        SafetensorsWriter.Write(Path.Combine(directory, "model.safetensors"), parameters.Tensors);
        File.WriteAllText(Path.Combine(directory, "README.md"), card);
    }

    public static void CopyTokenizer(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var name in new[] { "tokenizer.json", "tokenizer_config.json" }) File.Copy(Path.Combine(from, name), Path.Combine(to, name), overwrite: true);
    }
}
