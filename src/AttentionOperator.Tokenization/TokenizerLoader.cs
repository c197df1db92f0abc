using System.Text.Json;
using AttentionOperator.Tokenization.AddedTokens;
using AttentionOperator.Tokenization.ChatTemplates;
using AttentionOperator.Tokenization.Decoders;
using AttentionOperator.Tokenization.Json;
using AttentionOperator.Tokenization.Models;
using AttentionOperator.Tokenization.Normalizers;
using AttentionOperator.Tokenization.PostProcessors;
using AttentionOperator.Tokenization.PreTokenizers;

namespace AttentionOperator.Tokenization;

/// <summary>Reads a published directory: tokenizer.json, tokenizer_config.json, special_tokens_map.json, the chat template and generation_config.json.</summary>
public static class TokenizerLoader
{
    private const string TokenizerFile = "tokenizer.json";
    private const string ConfigFile = "tokenizer_config.json";
    private const string SpecialTokensFile = "special_tokens_map.json";
    private const string GenerationFile = "generation_config.json";

    private static readonly string[] NamedTokens = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    /// <summary>Loads a directory. Throws <see cref="TokenizerFormatException"/> that names the file and the field where it cannot be used.</summary>
    /// <param name="directory">Directory that holds tokenizer.json.</param>
    /// <param name="timeProvider">Clock of chat templates that print the date.</param>
    public static LoadedTokenizer Load(string directory, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(directory);
        if (!File.Exists(Path.Combine(directory, TokenizerFile)))
            throw new TokenizerFormatException(TokenizerFile, "", $"is missing in {directory}; convert the tokenizer to tokenizer.json");
        using var file = JsonFile.Open(Path.Combine(directory, TokenizerFile), TokenizerFile);
        using var config = JsonFile.OpenIfPresent(directory, ConfigFile);
        using var map = JsonFile.OpenIfPresent(directory, SpecialTokensFile);
        using var generation = JsonFile.OpenIfPresent(directory, GenerationFile);

        var named = ReadNamedTokens(config, map);
        var parts = ReadParts(file.Root, config, named);
        var template = ChatTemplateFile.Find(directory, config);
        var variables = named.ToDictionary(t => t.Key, t => t.Value.Content, StringComparer.Ordinal);
        ChatTemplate? chatTemplate = null;
        ChatTemplateException? chatTemplateError = null;
        try
        {
            chatTemplate = template is null ? null : new ChatTemplate(template, variables, timeProvider ?? TimeProvider.System);
        }
        catch (ChatTemplateException e)
        {
            chatTemplateError = e;
        }
        return new LoadedTokenizer
        {
            Tokenizer = new Tokenizer(parts),
            ChatTemplate = chatTemplate,
            ChatTemplateError = chatTemplateError,
            ChatTemplateDigest = template is null ? null : ChatTemplateFile.Digest(template, variables),
            EndOfSequenceIds = ReadEndIds(generation, parts),
            ModelMaxLength = ReadMaxLength(config),
        };
    }

    /// <summary>Reads a tokenizer.json alone. Throws <see cref="TokenizerFormatException"/>.</summary>
    public static ITokenizer Parse(ReadOnlyMemory<byte> tokenizerJson)
    {
        using var file = JsonFile.Parse(tokenizerJson, TokenizerFile);
        return new Tokenizer(ReadParts(file.Root, null, new Dictionary<string, (JsonField Field, string Content)>(StringComparer.Ordinal)));
    }

    private static TokenizerParts ReadParts(JsonField root, JsonFile? config, Dictionary<string, (JsonField Field, string Content)> named)
    {
        var model = ModelReader.Read(root.Require("model"));
        var normalizer = NormalizerReader.Read(root["normalizer"]);
        var preTokenizer = PreTokenizerReader.Read(root["pre_tokenizer"]);
        var tokens = AddedTokenReader.Read(root["added_tokens"], config is null ? default : config.Root["added_tokens_decoder"], named.Values, model.Vocabulary);
        var added = new AddedVocabulary(tokens, normalizer);
        var special = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (name, (_, content)) in named)
            special[name] = added.Find(content)!.Id;
        return new TokenizerParts(
            added,
            normalizer,
            preTokenizer,
            model,
            new PostProcessorReader(model.Vocabulary.TokenOf).Read(root["post_processor"]),
            DecoderReader.Read(root["decoder"]),
            special,
            Fingerprint(root, tokens),
            model.HonoursCleanUp && config is not null && config.Root["clean_up_tokenization_spaces"].AsBool(false));
    }

    private static string Fingerprint(JsonField root, List<AddedToken> tokens)
    {
        using var hash = new CanonicalHash();
        foreach (var section in (ReadOnlySpan<string>)["normalizer", "pre_tokenizer", "model", "post_processor"])
            hash.Add(section, root[section]);
        foreach (var token in tokens.OrderBy(t => t.Id).ThenBy(t => t.Content, StringComparer.Ordinal))
            hash.Add("added_token", token.Id, token.Content, token.SingleWord, token.LeftStrip, token.RightStrip, token.Normalized, token.Special);
        return hash.Finish();
    }

    private static Dictionary<string, (JsonField Field, string Content)> ReadNamedTokens(JsonFile? config, JsonFile? map)
    {
        var named = new Dictionary<string, (JsonField, string)>(StringComparer.Ordinal);
        foreach (var name in NamedTokens)
        {
            foreach (var source in (ReadOnlySpan<JsonFile?>)[config, map])
            {
                if (source is null || source.Root[name] is not { IsNull: false } field)
                    continue;
                var content = field.Kind == JsonValueKind.Object ? field.Require("content").AsString() : field.AsString();
                if (content.Length > 0)
                    named[name] = (field, content);
                break;
            }
        }
        return named;
    }

    private static int[] ReadEndIds(JsonFile? generation, TokenizerParts parts)
    {
        var field = generation is null ? default : generation.Root["eos_token_id"];
        if (field.IsNull)
            return parts.SpecialTokens.TryGetValue("eos_token", out var id) ? [id] : [];
        return field.Kind == JsonValueKind.Array
            ? [.. field.Items().Select(i => i.AsInt(0, Vocabulary.LargestId))]
            : [field.AsInt(0, Vocabulary.LargestId)];
    }

    // Published files write "no limit" as a number around 1e30.
    private static int? ReadMaxLength(JsonFile? config)
    {
        var field = config is null ? default : config.Root["model_max_length"];
        return field.Kind == JsonValueKind.Number && field.Element.TryGetInt32(out var length) && length > 0 ? length : null;
    }
}
