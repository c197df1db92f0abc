using AttentionOperator.Sandbox.Builtins;
using AttentionOperator.Sandbox.Schema;

namespace AttentionOperator.Sandbox.Discovery;

/// <summary>One served resource in one version: its names, scope, subresources and schema.</summary>
internal sealed record ResourceDefinition
{
    public required string Group { get; init; }

    public required string Version { get; init; }

    public required string Plural { get; init; }

    public required string Kind { get; init; }

    public required bool Namespaced { get; init; }

    public string Singular { get; init; } = "";

    public string ListKind { get; init; } = "";

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    public IReadOnlyList<string> Verbs { get; init; } = AllVerbs;

    public required SchemaNode Schema { get; init; }

    public bool HasStatus { get; init; }

    public ScaleDefinition? Scale { get; init; }

    /// <summary>Where the objects live; the events of both groups share one place.</summary>
    public string StorageGroup { get; init; } = "";

    /// <summary>True for resources of a CustomResourceDefinition.</summary>
    public bool IsCustom { get; init; }

    /// <summary>For custom resources: the columns of server-side tables.</summary>
    public IReadOnlyList<PrinterColumn> Columns { get; init; } = [];

    public IReadOnlyList<string> SelectableFields { get; init; } = ["metadata.name", "metadata.namespace"];

    /// <summary>The selectable fields by the names they have in the stored form.</summary>
    public IReadOnlyList<string> StoredFields => EventForms.IsNewEvent(this) ? [.. SelectableFields.Select(EventForms.CoreField)] : SelectableFields;

    /// <summary>True where <c>metadata.generation</c> is maintained.</summary>
    public bool HasGeneration { get; init; }

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    public string QualifiedPlural => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    public string StorageKey => $"{StorageGroup}/{Plural}";

    public static IReadOnlyList<string> AllVerbs { get; } = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
}
