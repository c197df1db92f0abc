using AttentionOperator.Sandbox.Builtins;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Storage;

namespace AttentionOperator.Sandbox.Api;

/// <summary>Field selectors: equality and inequality on the fields that the resource declares selectable.</summary>
internal sealed class FieldSelector
{
    private readonly List<(string Field, bool Equal, string Value)> _terms;

    private FieldSelector(List<(string Field, bool Equal, string Value)> terms) => _terms = terms;

    public static FieldSelector Everything { get; } = new([]);

    public bool IsEmpty => _terms.Count == 0;

    /// <summary>The single name that the selector asks for, if it does.</summary>
    public string? Name => _terms.FirstOrDefault(t => t is { Field: "metadata.name", Equal: true }).Value;

    public FieldSelector AndName(string name) => new([.. _terms, ("metadata.name", true, name)]);

    public bool Matches(StoredObject obj) => _terms.TrueForAll(t => t.Equal == (ValueOf(obj, t.Field) == t.Value));

    public static FieldSelector Parse(ResourceDefinition resource, string? text)
    {
        if (string.IsNullOrEmpty(text)) return Everything;
        var terms = new List<(string, bool, string)>();
        foreach (var part in text.Split(','))
        {
            var unequal = part.Contains("!=", StringComparison.Ordinal);
            var split = part.Split(unequal ? "!=" : part.Contains("==", StringComparison.Ordinal) ? "==" : "=", 2);
            if (split.Length != 2) throw ApiErrors.BadRequest($"invalid selector: '{text}'; can't understand '{part}'");
            var field = split[0].Trim();
            if (!resource.SelectableFields.Contains(field)) throw ApiErrors.BadRequest(Unsupported(resource, field));
            terms.Add((field, !unequal, split[1].Trim()));
        }

        return new FieldSelector(terms);
    }

    // Kinds with selectable fields of their own word it differently from those that have only the common two.
    private static string Unsupported(ResourceDefinition resource, string field) =>
        resource.StorageKey == "batch/jobs" ? $"field label \"{field}\" not supported for Job"
        : resource.IsCustom || resource.SelectableFields.Count > 2 ? $"field label not supported: {field}"
        : $"\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"";

    private static string ValueOf(StoredObject obj, string field) => field switch
    {
        "metadata.name" => obj.Name,
        "metadata.namespace" => obj.Namespace,
        _ => obj.Fields.GetValueOrDefault(field) ?? obj.Fields.GetValueOrDefault(EventForms.CoreField(field), ""),
    };
}
