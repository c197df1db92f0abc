using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml;

namespace AttentionOperator.Sandbox.Schema;

/// <summary>
/// Field descriptions for <c>kubectl explain</c>, from the XML documentation that the Kubernetes client's package carries beside its assembly.
/// Without that file descriptions are empty; nothing else changes.
/// </summary>
internal static partial class ModelDocumentation
{
    private static readonly Lazy<Dictionary<string, string>> Summaries = new(Load);

    public static string Type(Type type) => Summaries.Value.GetValueOrDefault($"T:{type.FullName}", "");

    public static string Property(Type owner, PropertyInfo property) =>
        Summaries.Value.GetValueOrDefault($"P:{owner.FullName}.{property.Name}", "");

    private static Dictionary<string, string> Load()
    {
        var summaries = new Dictionary<string, string>(StringComparer.Ordinal);
        var path = Path.Combine(AppContext.BaseDirectory, "KubernetesClient.xml");
        if (!File.Exists(path)) return summaries;
        using var reader = XmlReader.Create(path, new XmlReaderSettings { IgnoreComments = true });
        while (reader.ReadToFollowing("member"))
        {
            var name = reader.GetAttribute("name") ?? "";
            if (!name.StartsWith("T:k8s.Models.", StringComparison.Ordinal) && !name.StartsWith("P:k8s.Models.", StringComparison.Ordinal)) continue;
            if (reader.ReadToDescendant("summary"))
                summaries[name] = Whitespace().Replace(reader.ReadElementContentAsString(), " ").Trim();
        }

        return summaries;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();
}
