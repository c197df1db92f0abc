using System.Diagnostics.CodeAnalysis;
using AttentionOperator.Tokenization.Json;

namespace AttentionOperator.Tokenization.Models;

/// <summary>Strings and ids of a model, without added tokens.</summary>
internal sealed class Vocabulary
{
    /// <summary>Ids index arrays: a hostile file must not make them huge.</summary>
    public const int LargestId = (1 << 22) - 1;

    private readonly Dictionary<string, int> ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private readonly string?[] tokens;

    public Vocabulary(Dictionary<string, int> ids)
    {
        this.ids = ids;
        lookup = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        tokens = new string?[ids.Count == 0 ? 0 : ids.Values.Max() + 1];
        foreach (var (token, id) in ids)
            tokens[id] = token;
    }

    public int Count => ids.Count;

    public int LongestToken => ids.Count == 0 ? 0 : ids.Keys.Max(t => t.Length);

    public IReadOnlyDictionary<string, int> Ids => ids;

    public string? TokenOf(int id) => (uint)id < (uint)tokens.Length ? tokens[id] : null;

    public bool TryGetId(ReadOnlySpan<char> token, out int id) => lookup.TryGetValue(token, out id);

    public bool TryGetId(string token, out int id) => ids.TryGetValue(token, out id);

    /// <summary>Ids of <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c>, -1 where one is missing.</summary>
    public int[] ByteIds() => [.. Enumerable.Range(0, 256).Select(b => ids.TryGetValue($"<0x{b:X2}>", out var id) ? id : -1)];

    /// <summary>Reads <c>{"token": id, …}</c>.</summary>
    public static Vocabulary Read(JsonField field)
    {
        if (field.Kind != System.Text.Json.JsonValueKind.Object)
            throw field.Error("must be an object of token to id");
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var property in field.Element.EnumerateObject())
        {
            string name;
            try
            {
                name = property.Name;
            }
            catch (InvalidOperationException e)
            {
                throw field.Error("has a token that is not valid Unicode", e);
            }
            if (property.Value.ValueKind != System.Text.Json.JsonValueKind.Number || !property.Value.TryGetInt32(out var id) || id is < 0 or > LargestId)
                throw field[name].Error($"must be an id from 0 to {LargestId}");
            ids[name] = id;
        }
        return new Vocabulary(ids);
    }

    /// <summary>The id of a token that another field names.</summary>
    public int Require(JsonField field) =>
        TryGetId(field.AsString(), out var id) ? id : throw field.Error($"'{field.AsString()}' is not in the vocabulary");

    public bool TryGetToken(int id, [NotNullWhen(true)] out string? token) => (token = TokenOf(id)) is not null;
}
