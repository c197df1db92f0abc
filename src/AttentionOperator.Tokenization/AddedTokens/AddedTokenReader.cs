using System.Globalization;
using System.Text.Json;
using AttentionOperator.Tokenization.Json;
using AttentionOperator.Tokenization.Models;

namespace AttentionOperator.Tokenization.AddedTokens;

/// <summary>Collects added tokens from tokenizer.json, then from tokenizer_config.json, then the named special tokens.</summary>
internal static class AddedTokenReader
{
    public static List<AddedToken> Read(JsonField field, JsonField decoder, IEnumerable<string> named, Vocabulary vocabulary)
    {
        var tokens = new List<AddedToken>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        var next = vocabulary.Count;
        if (!field.IsNull)
        {
            foreach (var item in field.Items())
                Add(ReadToken(item, item.Require("id").AsInt(0, Vocabulary.LargestId)));
        }
        if (!decoder.IsNull)
        {
            foreach (var (name, item) in decoder.Members())
            {
                if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id > Vocabulary.LargestId)
                    throw item.Error($"must be named by an id from 0 to {Vocabulary.LargestId}");
                Add(ReadToken(item, id));
            }
        }
        foreach (var content in named)
        {
            // A token with a role is special, whatever its own entry says.
            var index = tokens.FindIndex(t => t.Content == content);
            if (index >= 0)
                tokens[index] = tokens[index] with { Special = true };
            else
                Add(new AddedToken(next, content, false, false, false, false, Special: true));
        }
        return tokens;

        void Add(AddedToken token)
        {
            if (token.Content.Length == 0 || !known.Add(token.Content))
                return;
            // The model's own id wins, as in the reference.
            if (vocabulary.TryGetId(token.Content, out var id))
                token = token with { Id = id };
            tokens.Add(token);
            next = Math.Max(next, token.Id + 1);
        }
    }

    private static AddedToken ReadToken(JsonField field, int id)
    {
        if (field.Kind != JsonValueKind.Object)
            throw field.Error("must be an object");
        var special = field["special"].AsBool(false);
        return new AddedToken(
            id,
            field.Require("content").AsString(),
            field["single_word"].AsBool(false),
            field["lstrip"].AsBool(false),
            field["rstrip"].AsBool(false),
            field["normalized"].AsBool(!special),
            special);
    }
}
