using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace AttentionOperator.Api.Serialization;

/// <summary>Reads YAML as the JSON that Kubernetes takes it for, so that one serializer serves both.</summary>
public static partial class YamlDocuments
{
    /// <summary>All documents of a stream; empty ones are left out. JSON is YAML too.</summary>
    /// <exception cref="YamlException">The text is not YAML; the message says where.</exception>
    public static IReadOnlyList<JsonNode> Parse(string yaml)
    {
        var stream = new YamlStream();
        using var reader = new StringReader(yaml);
        stream.Load(reader);
        return [.. stream.Documents.Select(document => Convert(document.RootNode)).OfType<JsonNode>()];
    }

    /// <summary>Reads the only document of a stream as an object.</summary>
    /// <exception cref="YamlException">The text is not YAML.</exception>
    /// <exception cref="JsonException">There is not exactly one document, or it does not fit the type.</exception>
    public static T Read<T>(string yaml)
    {
        var documents = Parse(yaml);
        return documents is [var only]
            ? only.Deserialize<T>(KubernetesJsonOptions.Instance)!
            : throw new JsonException($"expected one YAML document, found {documents.Count}");
    }

    private static JsonNode? Convert(YamlNode node)
    {
        switch (node)
        {
            case YamlMappingNode mapping:
                var result = new JsonObject();
                foreach (var (key, value) in mapping.Children)
                {
                    result[((YamlScalarNode)key).Value ?? ""] = Convert(value);
                }

                return result;
            case YamlSequenceNode sequence:
                return new JsonArray([.. sequence.Children.Select(Convert)]);
            case YamlScalarNode { Style: ScalarStyle.Plain } plain:
                return Scalar(plain.Value ?? "");
            case YamlScalarNode quoted:
                return JsonValue.Create(quoted.Value ?? "");
            default:
                throw new YamlException(node.Start, node.End, $"{node.NodeType} nodes have no meaning in a manifest");
        }
    }

    private static JsonValue? Scalar(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" => JsonValue.Create(true),
        "false" or "False" or "FALSE" => JsonValue.Create(false),
        _ when Whole().IsMatch(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
        _ when Fraction().IsMatch(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var fraction) => JsonValue.Create(fraction),
        _ => JsonValue.Create(text),
    };

    [GeneratedRegex(@"\A[-+]?(0|[1-9][0-9]*)\z")]
    private static partial Regex Whole();

    [GeneratedRegex(@"\A[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex Fraction();
}
