namespace AttentionOperator.EndToEnd;

/// <summary>Copies of a good model, each damaged in one way.</summary>
internal static class BrokenModels
{
    private const string Good = "llama-untied";

    /// <summary>Writes the damaged copies below a directory that a claim stands for.</summary>
    public static void Write(string directory)
    {
        Copy(directory, "truncated", folder =>
        {
            var file = Path.Combine(folder, "model.safetensors");
            using var stream = File.Open(file, FileMode.Open);
            stream.SetLength(stream.Length / 2);
        });
        Copy(directory, "unknown-architecture", folder => Replace(folder, "config.json", "LlamaForCausalLM", "PerceptronForEverything"));
        Copy(directory, "bad-config", folder => File.WriteAllText(Path.Combine(folder, "config.json"), "{ not json"));
        Copy(directory, "no-tokenizer", folder => File.Delete(Path.Combine(folder, "tokenizer.json")));
        Copy(directory, "no-weights", folder => File.Delete(Path.Combine(folder, "model.safetensors")));
    }

    private static void Copy(string directory, string name, Action<string> damage)
    {
        var folder = Directory.CreateDirectory(Path.Combine(directory, name)).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(ProductPaths.Models, Good))) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        damage(folder);
    }

    private static void Replace(string folder, string file, string old, string with)
    {
        var path = Path.Combine(folder, file);
        File.WriteAllText(path, File.ReadAllText(path).Replace(old, with, StringComparison.Ordinal).Replace("\"llama\"", "\"perceptron\"", StringComparison.Ordinal));
    }
}
