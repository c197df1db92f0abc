using System.Text.Json;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Runtime.Http;

namespace AttentionOperator.Runtime.OpenAi;

/// <summary>A text or token ids, as a client sent it.</summary>
internal readonly record struct TextOrIds(string? Text, int[]? Ids);

/// <summary>Body of <c>POST /v1/completions</c>.</summary>
internal sealed record CompletionRequest(GenerationOptions Options, IReadOnlyList<TextOrIds> Prompts, bool Echo, bool AddSpecialTokens)
{
    public const int MaxPrompts = 128;

    /// <summary>Answers of one request, whose places in the queue are taken together.</summary>
    public const int MaxSequences = 256;

    /// <summary>OpenAI's default.</summary>
    public const int DefaultMaxTokens = 16;

    public static CompletionRequest Parse(JsonElement body, SamplingParameters defaults, int vocabularySize)
    {
        var fields = new JsonFields(body);
        var options = GenerationFields.Parse(fields, defaults, vocabularySize);
        fields.Only("suffix", e => e.ValueKind == JsonValueKind.String && e.GetString()!.Length == 0, "there is no fill-in-the-middle.");
        fields.Only("best_of", e => e.ValueKind == JsonValueKind.Number && e.TryGetInt32(out var best) && best == options.N, "every choice is returned; 'best_of' must equal 'n'.");
        var echo = fields.Boolean("echo") ?? false;
        var request = new CompletionRequest(
            options with
            {
                MaxTokens = (int?)fields.Integer("max_tokens", echo ? 0 : 1, int.MaxValue) ?? DefaultMaxTokens,
                LogProbs = (int?)fields.Integer("logprobs", 0, GenerationFields.MaxLogProbs),
                JsonSchema = ResponseFormat.Parse(fields),
            },
            PromptsOf(fields.Required("prompt"), "prompt", vocabularySize, MaxPrompts),
            echo,
            fields.Boolean("add_special_tokens") ?? true);
        fields.Finish();
        if (request.Prompts.Count * options.N > MaxSequences)
        {
            throw ApiErrors.Invalid($"{request.Prompts.Count} prompts with 'n' {options.N} are {request.Prompts.Count * options.N} answers; at most {MaxSequences} are given to one request.", "n");
        }

        return request;
    }

    /// <summary>A string, an array of strings, an array of ids, or an array of arrays of ids.</summary>
    public static List<TextOrIds> PromptsOf(JsonElement value, string path, int vocabularySize, int most)
    {
        const int mostIds = 1 << 22;
        var prompts = new List<TextOrIds>();
        if (value.ValueKind == JsonValueKind.String)
        {
            prompts.Add(new TextOrIds(JsonFields.StringOf(value, path), null));
            return prompts;
        }

        if (value.ValueKind != JsonValueKind.Array) throw JsonFields.WrongType(value, path, "a string, an array of strings, or token ids");
        if (value.GetArrayLength() == 0) throw ApiErrors.Invalid($"'{path}' is empty.", path);
        if (value[0].ValueKind == JsonValueKind.Number)
        {
            prompts.Add(new TextOrIds(null, GenerationFields.IdsOf(value, path, vocabularySize, mostIds)));
            return prompts;
        }

        if (value.GetArrayLength() > most) throw ApiErrors.Invalid($"'{path}' has {value.GetArrayLength()} entries; at most {most} are allowed.", path);
        var i = 0;
        foreach (var item in value.EnumerateArray())
        {
            var itemPath = $"{path}[{i++}]";
            prompts.Add(item.ValueKind == JsonValueKind.String
                ? new TextOrIds(JsonFields.StringOf(item, itemPath), null)
                : new TextOrIds(null, GenerationFields.IdsOf(item, itemPath, vocabularySize, mostIds)));
        }

        return prompts;
    }
}
