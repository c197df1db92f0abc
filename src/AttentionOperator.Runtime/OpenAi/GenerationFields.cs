using System.Globalization;
using System.Text.Json;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Runtime.Http;

namespace AttentionOperator.Runtime.OpenAi;

/// <summary>Parses the fields that completions and chat completions share.</summary>
internal static class GenerationFields
{
    public const int MaxChoices = 128;
    public const int MaxLogProbs = 20;
    private const int MaxStops = 16;
    private const int MaxStopLength = 1024;
    private const int MaxBiases = 1024;
    private const int MaxSalt = 256;
    private const int MaxContinuation = 1 << 20;

    /// <summary>Reads everything but the token budget, the log-probabilities and the response format.</summary>
    public static GenerationOptions Parse(JsonFields fields, SamplingParameters defaults, int vocabularySize)
    {
        fields.Ignore("user", "metadata", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "service_tier");
        fields.Only("store", e => e.ValueKind == JsonValueKind.False, "answers are never stored; send false or nothing.");
        fields.Only("skip_special_tokens", e => e.ValueKind == JsonValueKind.True, "special tokens are never part of the text.");
        fields.Only("include_stop_str_in_output", e => e.ValueKind == JsonValueKind.False, "stop strings are never part of the text.");
        fields.Only("use_beam_search", e => e.ValueKind == JsonValueKind.False, "there is no beam search.");
        var stream = fields.Boolean("stream") ?? false;
        var options = new GenerationOptions
        {
            Model = fields.RequiredString("model"),
            N = (int)(fields.Integer("n", 1, MaxChoices) ?? 1),
            Sampling = Sampling(fields, defaults, vocabularySize),
            Stop = Stops(fields),
            StopTokenIds = Ids(fields, "stop_token_ids", vocabularySize, MaxStops),
            MinTokens = (int)(fields.Integer("min_tokens", 0, int.MaxValue) ?? 0),
            IgnoreEndTokens = fields.Boolean("ignore_eos") ?? false,
            Stream = stream,
            IncludeUsage = IncludeUsage(fields, stream),
            Continuation = Continuation(fields, vocabularySize),
            CacheSalt = Salt(fields),
        };
        return options;
    }

    public static int[] Ids(JsonFields fields, string name, int vocabularySize, int most)
    {
        if (fields.Element(name) is not { } value) return [];
        return IdsOf(value, fields.PathOf(name), vocabularySize, most);
    }

    public static int[] IdsOf(JsonElement value, string path, int vocabularySize, int most)
    {
        if (value.ValueKind != JsonValueKind.Array) throw JsonFields.WrongType(value, path, "an array of token ids");
        var count = value.GetArrayLength();
        if (count > most) throw ApiErrors.Invalid($"'{path}' has {count} entries; at most {most} are allowed.", path);
        var ids = new int[count];
        var i = 0;
        foreach (var item in value.EnumerateArray()) ids[i++] = JsonFields.IntegerOf(item, path, 0, vocabularySize - 1);
        return ids;
    }

    private static SamplingParameters Sampling(JsonFields fields, SamplingParameters defaults, int vocabularySize)
    {
        var topK = fields.Integer("top_k", -1, int.MaxValue);
        var repetition = fields.Number("repetition_penalty", 0, 100);
        if (repetition <= 0) throw ApiErrors.Invalid("'repetition_penalty' must be greater than 0.", "repetition_penalty");
        var topP = fields.Number("top_p", 0, 1);
        if (topP <= 0) throw ApiErrors.Invalid("'top_p' must be greater than 0 and at most 1.", "top_p");
        return defaults with
        {
            Temperature = (float)(fields.Number("temperature", 0, 2) ?? defaults.Temperature),
            TopP = (float)(topP ?? defaults.TopP),
            TopK = topK is null ? defaults.TopK : (int)Math.Max(0, topK.Value),
            MinP = (float)(fields.Number("min_p", 0, 1) ?? defaults.MinP),
            RepetitionPenalty = (float)(repetition ?? defaults.RepetitionPenalty),
            FrequencyPenalty = (float)(fields.Number("frequency_penalty", -2, 2) ?? defaults.FrequencyPenalty),
            PresencePenalty = (float)(fields.Number("presence_penalty", -2, 2) ?? defaults.PresencePenalty),
            Seed = fields.Integer("seed", long.MinValue, long.MaxValue),
            LogitBias = LogitBias(fields, vocabularySize),
        };
    }

    private static Dictionary<int, float>? LogitBias(JsonFields fields, int vocabularySize)
    {
        if (fields.Element("logit_bias") is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Object) throw JsonFields.WrongType(value, "logit_bias", "an object of token id to bias");
        var biases = new Dictionary<int, float>();
        foreach (var property in value.EnumerateObject())
        {
            if (!int.TryParse(property.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id >= vocabularySize)
            {
                throw ApiErrors.Invalid($"'logit_bias' names a token that is no id between 0 and {vocabularySize - 1}.", "logit_bias");
            }

            if (property.Value.ValueKind != JsonValueKind.Number || !property.Value.TryGetDouble(out var bias) || !(bias >= -100 && bias <= 100))
            {
                throw ApiErrors.Invalid($"'logit_bias.{id}' must be a number between -100 and 100.", "logit_bias");
            }

            biases[id] = (float)bias;
            if (biases.Count > MaxBiases) throw ApiErrors.Invalid($"'logit_bias' has more than {MaxBiases} entries.", "logit_bias");
        }

        return biases.Count == 0 ? null : biases;
    }

    private static string[] Stops(JsonFields fields)
    {
        if (fields.Element("stop") is not { } value) return [];
        if (value.ValueKind == JsonValueKind.String) return Checked([JsonFields.StringOf(value, "stop")]);
        if (value.ValueKind != JsonValueKind.Array) throw JsonFields.WrongType(value, "stop", "a string or an array of strings");
        if (value.GetArrayLength() > MaxStops) throw ApiErrors.Invalid($"'stop' has {value.GetArrayLength()} entries; at most {MaxStops} are allowed.", "stop");
        return Checked([.. value.EnumerateArray().Select(e => JsonFields.StringOf(e, "stop"))]);

        static string[] Checked(string[] stops)
        {
            foreach (var stop in stops)
            {
                if (stop.Length is 0 or > MaxStopLength) throw ApiErrors.Invalid($"A stop string has {stop.Length} characters; 1 to {MaxStopLength} are allowed.", "stop");
            }

            return stops;
        }
    }

    private static bool IncludeUsage(JsonFields fields, bool stream)
    {
        if (fields.Element("stream_options") is not { } value) return false;
        if (!stream) throw ApiErrors.Invalid("'stream_options' is allowed only with 'stream': true.", "stream_options");
        var options = new JsonFields(value, "stream_options");
        options.Ignore("include_obfuscation");
        var include = options.Boolean("include_usage") ?? false;
        options.Finish();
        return include;
    }

    private static string? Salt(JsonFields fields)
    {
        var salt = fields.String("cache_salt");
        if (salt?.Length > MaxSalt) throw ApiErrors.Invalid($"'cache_salt' has {salt.Length} characters; at most {MaxSalt} are allowed.", "cache_salt");
        return salt;
    }

    private static Continuation? Continuation(JsonFields fields, int vocabularySize)
    {
        if (fields.Element("attention_continuation") is not { } value) return null;
        var inner = new JsonFields(value, "attention_continuation");
        var continuation = new Continuation(
            inner.String("id"),
            inner.Integer("created", 0, long.MaxValue),
            IdsOf(inner.Required("token_ids"), "attention_continuation.token_ids", vocabularySize, MaxContinuation));
        inner.Finish();
        return continuation;
    }
}
