using System.Text.Json;

namespace AttentionOperator.Kube.Objects;

/// <summary>
/// An object of any kind as the server sent it, kept as one array of UTF-8 JSON without managedFields.
/// It costs a fraction of the typed model's memory, loses no unknown field, and is what an apply is compared with.
/// </summary>
public sealed class KubeObject
{
    public required ResourceKind Resource { get; init; }

    public required ObjectIdentity Identity { get; init; }

    public ObjectKey Key => Identity.Key;

    public string Uid => Identity.Uid;

    public string ResourceVersion => Identity.ResourceVersion;

    /// <summary>metadata.generation, 0 where the kind has none.</summary>
    public long Generation { get; init; }

    /// <summary>True once metadata.deletionTimestamp is set.</summary>
    public bool IsDeleting { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];

    public IReadOnlyList<ObjectOwner> Owners { get; init; } = [];

    /// <summary>The whole object, UTF-8, without metadata.managedFields.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>The field manager whose ownership is noted below; null where none is.</summary>
    public string? FieldManager { get; init; }

    /// <summary>
    /// What <see cref="FieldManager"/> owns by apply, as the server's fieldsV1 document; empty where it owns nothing or where no manager was named.
    /// Equal documents are shared between objects.
    /// </summary>
    public ReadOnlyMemory<byte> OwnedFields { get; init; }

    /// <summary>As <see cref="OwnedFields"/>, for the status subresource.</summary>
    public ReadOnlyMemory<byte> OwnedStatusFields { get; init; }

    public string? Label(string name)
    {
        foreach (KeyValuePair<string, string> label in Labels)
        {
            if (string.Equals(label.Key, name, StringComparison.Ordinal))
            {
                return label.Value;
            }
        }

        return null;
    }

    /// <summary>The same object with less of its JSON; what was read out of it already stays.</summary>
    public KubeObject Trimmed(ReadOnlyMemory<byte> json) => new()
    {
        Resource = Resource,
        Identity = Identity,
        Generation = Generation,
        IsDeleting = IsDeleting,
        Labels = Labels,
        Owners = Owners,
        Json = json,
        FieldManager = FieldManager,
        OwnedFields = OwnedFields,
        OwnedStatusFields = OwnedStatusFields,
    };

    /// <summary>Reads the object as a typed model; nothing of the result is cached.</summary>
    public T As<T>() => KubeJson.Deserialize<T>(Json.Span);

    public JsonDocument Parse() => JsonDocument.Parse(Json);

    public override string ToString() => $"{Resource.Kind} {Key}@{ResourceVersion}";
}
