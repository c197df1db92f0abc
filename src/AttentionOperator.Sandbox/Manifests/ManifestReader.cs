using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Manifests;

/// <summary>
/// Reads Kubernetes objects from files: YAML with several documents, JSON, and lists. Of a directory with a <c>kustomization.yaml</c> the resources that
/// it names are read, without any of kustomize's transformations; of another directory all files.
/// </summary>
internal static partial class ManifestReader
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    /// <exception cref="FileNotFoundException">There is no such file or directory.</exception>
    public static IReadOnlyList<JsonObject> Read(string path)
    {
        if (Directory.Exists(path))
        {
            return [.. Files(path).SelectMany(Read)];
        }

        return File.Exists(path)
            ? [.. Parse(File.ReadAllText(path))]
            : throw new FileNotFoundException($"--apply {path}: there is no such file or directory");
    }

    private static IEnumerable<string> Files(string directory)
    {
        var kustomization = Path.Combine(directory, "kustomization.yaml");
        return File.Exists(kustomization) && YamlReading.Parse(File.ReadAllText(kustomization))?["resources"] is JsonArray resources
            ? resources.Select(r => Path.GetFullPath(r!.GetValue<string>(), Path.GetFullPath(directory)))
            : Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
                .Where(f => Extensions.Contains(Path.GetExtension(f)))
                .Order(StringComparer.Ordinal);
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

    [GeneratedRegex(@"^---(?:[ \t].*)?\r?$", RegexOptions.Multiline)]
    private static partial Regex Separator();
}
