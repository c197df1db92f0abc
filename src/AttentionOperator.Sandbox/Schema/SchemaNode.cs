using System.Text.Json.Nodes;

namespace AttentionOperator.Sandbox.Schema;

/// <summary>
/// A structural schema: one form for built-in kinds (read from the client's model types) and for CustomResourceDefinitions.
/// It drives pruning, defaulting, validation, patch merging, field ownership and OpenAPI.
/// Nodes of recursive types share their property tables, so the graph may be cyclic.
/// </summary>
internal sealed class SchemaNode
{
    /// <summary>object, array, string, integer, number, boolean; null accepts anything.</summary>
    public string? Type { get; set; }

    public string? Format { get; set; }

    public string Description { get; set; } = "";

    /// <summary>Description of the type itself, where <see cref="Description"/> is that of a field.</summary>
    public string TypeDescription { get; set; } = "";

    /// <summary>Name of the shared definition in OpenAPI documents; null for anonymous nodes.</summary>
    public string? TypeName { get; set; }

    public bool IntOrString { get; set; }

    public bool PreserveUnknownFields { get; set; }

    public bool EmbeddedResource { get; set; }

    public bool Nullable { get; set; }

    public Dictionary<string, SchemaNode> Properties { get; set; } = [];

    public List<string> Required { get; set; } = [];

    public SchemaNode? AdditionalProperties { get; set; }

    public SchemaNode? Items { get; set; }

    public JsonNode? Default { get; set; }

    /// <summary>atomic, set or map; null is atomic.</summary>
    public string? ListType { get; set; }

    public IReadOnlyList<string> MapKeys { get; set; } = [];

    /// <summary>True where server-side apply owns the whole object.</summary>
    public bool AtomicMap { get; set; }

    /// <summary>Key of strategic merge patches for lists of objects.</summary>
    public string? PatchMergeKey { get; set; }

    /// <summary>merge, replace, retainKeys or merge,retainKeys.</summary>
    public string? PatchStrategy { get; set; }

    public ValueRules? Rules { get; set; }

    public IReadOnlyList<ValidationRule> Validations { get; set; } = [];

    public bool IsAtomicList => ListType is null or "atomic";

    /// <summary>The schema of a member: a declared property or the map's value.</summary>
    public SchemaNode? Member(string name) => Properties.GetValueOrDefault(name) ?? AdditionalProperties;
}
