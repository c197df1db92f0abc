using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Manifests;

/// <summary>Reads Kubernetes objects from files: YAML with several documents, JSON, and lists.</summary>
internal static partial class ManifestReader
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    /// <exception cref="FileNotFoundException">There is no such file or directory.</exception>
    public static IReadOnlyList<JsonObject> Read(string path)
    {
        if (Directory.Exists(path))
        {
            return
            [
                .. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
                    .Where(f => Extensions.Contains(Path.GetExtension(f)))
                    .Order(StringComparer.Ordinal)
                    .SelectMany(f => Parse(File.ReadAllText(f))),
            ];
        }

        return File.Exists(path)
            ? [.. Parse(File.ReadAllText(path))]
            : throw new FileNotFoundException($"--apply {path}: there is no such file or directory");
    }

    public static IEnumerable<JsonObject> Parse(string text) =>
        Separator().Split(text)
            .Where(t => t.Split('\n').Any(line => line.Trim() is { Length: > 0 } content && content[0] != '#'))
            .Select(YamlReading.Parse)
            .OfType<JsonObject>()
            .SelectMany(Flatten)
            // Input of kustomize, not objects of the cluster.
            .Where(d => d["apiVersion"]?.GetValue<string>().StartsWith("kustomize.config.k8s.io", StringComparison.Ordinal) != true);

    private static IEnumerable<JsonObject> Flatten(JsonObject document) =>
        document["kind"]?.GetValue<string>() is { } kind && kind.EndsWith("List", StringComparison.Ordinal) && document["items"] is JsonArray items
            ? items.OfType<JsonObject>().Select(i => i.DeepClone().AsObject()).ToList()
            : [document];

    [GeneratedRegex(@"^---(?:\s.*)?$", RegexOptions.Multiline)]
    private static partial Regex Separator();
}
