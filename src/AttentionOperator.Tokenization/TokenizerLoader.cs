using System.Globalization;
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

        var named = SpecialTokenReader.ReadNamed(config, map);
        var parts = ReadParts(file.Root, config, named, SpecialTokenReader.ReadOthers(config, map));
        var template = ChatTemplateFile.Find(directory, config);
        ChatTemplate? chatTemplate = null;
        ChatTemplateException? chatTemplateError = null;
        try
        {
            chatTemplate = template is null ? null : new ChatTemplate(template, named, timeProvider ?? TimeProvider.System);
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
            ChatTemplateDigest = template is null ? null : ChatTemplateFile.Digest(template, named),
            EndOfSequenceIds = ReadEndIds(generation, parts),
            ModelMaxLength = ReadMaxLength(config),
        };
    }

    /// <summary>Reads a tokenizer.json alone. Throws <see cref="TokenizerFormatException"/>.</summary>
    public static ITokenizer Parse(ReadOnlyMemory<byte> tokenizerJson)
    {
        using var file = JsonFile.Parse(tokenizerJson, TokenizerFile);
        return new Tokenizer(ReadParts(file.Root, null, [], []));
    }

    private static TokenizerParts ReadParts(JsonField root, JsonFile? config, Dictionary<string, string> named, List<string> others)
    {
        var model = ModelReader.Read(root.Require("model"));
        var normalizer = NormalizerReader.Read(root["normalizer"]);
        var preTokenizer = PreTokenizerReader.Read(root["pre_tokenizer"]);
        var tokens = AddedTokenReader.Read(root["added_tokens"], config is null ? default : config.Root["added_tokens_decoder"], named.Values.Concat(others), model.Vocabulary);
        var added = new AddedVocabulary(tokens, normalizer);
        var special = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (name, content) in named)
            special[name] = added.Find(content)!.Id;
        var postProcessor = ReadBeginAndEnd(config, special, out var layout);
        return new TokenizerParts(
            added,
            normalizer,
            preTokenizer,
            model,
            postProcessor ?? new PostProcessorReader(model.Vocabulary.TokenOf).Read(root["post_processor"]),
            DecoderReader.Read(root["decoder"]),
            special,
            Fingerprint(root, tokens, layout),
            model.HonoursCleanUp && config is not null && config.Root["clean_up_tokenization_spaces"].AsBool(false));
    }

    // add_bos_token and add_eos_token, where tokenizer_config.json has them, replace the post-processor of tokenizer.json.
    private static TemplatePostProcessor? ReadBeginAndEnd(JsonFile? config, Dictionary<string, int> special, out string layout)
    {
        layout = "";
        if (config is null || (config.Root["add_bos_token"].IsNull && config.Root["add_eos_token"].IsNull))
            return null;
        int[] begin = config.Root["add_bos_token"].AsBool(false) && special.TryGetValue("bos_token", out var bos) ? [bos] : [];
        int[] end = config.Root["add_eos_token"].AsBool(false) && special.TryGetValue("eos_token", out var eos) ? [eos] : [];
        layout = string.Create(CultureInfo.InvariantCulture, $"{string.Join(',', begin)} A {string.Join(',', end)}");
        TemplatePiece[] single = [new(-1, begin, 0), new(0, [], 0), new(-1, end, 0)];
        return new TemplatePostProcessor(single, [.. single, new TemplatePiece(-1, begin, 1), new TemplatePiece(1, [], 1), new TemplatePiece(-1, end, 1)]);
    }

    private static string Fingerprint(JsonField root, List<AddedToken> tokens, string layout)
    {
        using var hash = new CanonicalHash();
        foreach (var section in (ReadOnlySpan<string>)["normalizer", "pre_tokenizer", "model", "post_processor"])
            hash.Add(section, root[section]);
        foreach (var token in tokens.OrderBy(t => t.Id).ThenBy(t => t.Content, StringComparer.Ordinal))
            hash.Add("added_token", token.Id, token.Content, token.SingleWord, token.LeftStrip, token.RightStrip, token.Normalized, token.Special);
        if (layout.Length > 0)
            hash.Add("begin_and_end", layout);
        return hash.Finish();
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
