using System.Text;
using System.Text.Json;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Runtime.Http;
using AttentionOperator.Runtime.Metrics;
using AttentionOperator.Runtime.OpenAi;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Runtime.Serving;

/// <summary>Texts to ids on the tokenization threads, within the caps.</summary>
internal sealed class PromptEncoder(TokenizationPool pool, SpecialFrame frame, RuntimeMetrics metrics)
{
    /// <summary>Special ids that the tokenizer puts around a single text.</summary>
    public SpecialFrame Frame => frame;

    /// <summary>Runs on a tokenization thread, with the failure counted.</summary>
    public async Task<T> RunAsync<T>(RequestScope scope, Func<ITokenizer, T> function)
    {
        var from = scope.Elapsed;
        try
        {
            return await pool.RunAsync(() => function(scope.Model.Tokenizer), scope.Cancelled);
        }
        catch (TokenizationException e)
        {
            metrics.TokenizationFailures.Inc();
            throw ApiErrors.Invalid($"The input cannot be tokenized: {e.Message}");
        }
        catch (Exception e) when (e is not (ApiException or OperationCanceledException))
        {
            metrics.TokenizationFailures.Inc();
            throw;
        }
        finally
        {
            metrics.Tokenize.Observe((scope.Elapsed - from).TotalSeconds);
            scope.Trace.Child("tokenize", from, scope.Elapsed);
        }
    }

    /// <summary>Ids of an input, all of them; refused early where its bytes alone are too many.</summary>
    public static int[] Encode(ServedModel model, TextOrIds input, bool addSpecialTokens, string param)
    {
        if (input.Ids is { } ids) return ids;
        CheckBytes(model, input.Text!, param);
        return model.Tokenizer.Encode(input.Text!, addSpecialTokens).Ids;
    }

    public static void CheckBytes(ServedModel model, string text, string param)
    {
        if (model.Configuration.Limits.OnTooLong != TooLongPolicy.Reject) return;
        var least = model.Tokenizer.MinTokens(Encoding.UTF8.GetByteCount(text));
        if (least > model.MaxInputTokens) throw TokenCaps.InputTooLong(least, model.MaxInputTokens, param, atLeast: true);
    }

    /// <summary>Ids of a conversation. Templates write their own special tokens, so none are added.</summary>
    public static int[] EncodeChat(ServedModel model, IReadOnlyList<ChatMessage> messages, JsonElement? tools, JsonElement? variables, bool addGenerationPrompt)
    {
        var template = model.ChatTemplate ?? throw ApiErrors.Unsupported(model.ChatTemplateProblem ?? "This model has no chat template; use /v1/completions.", "messages");
        foreach (var message in messages) CheckBytes(model, message.Content ?? "", "messages");
        string rendered;
        try
        {
            rendered = template.Render(ChatMessage.ToJson(messages), tools, variables, addGenerationPrompt);
        }
        catch (ChatTemplateRefusedException e)
        {
            throw e.ByTemplate
                ? ApiErrors.Invalid($"The model's chat template refuses the conversation: {e.Message}", "messages")
                : ApiErrors.Unsupported($"The model's chat template cannot be rendered: {e.Message}", "messages");
        }

        return model.Tokenizer.Encode(rendered, addSpecialTokens: false).Ids;
    }
}

/// <summary>How many special ids a tokenizer puts before and after a single text.</summary>
internal sealed record SpecialFrame(int[] Prefix, int[] Suffix)
{
    public static SpecialFrame Derive(ITokenizer tokenizer)
    {
        var inner = tokenizer.Encode("a", addSpecialTokens: false).Ids;
        var outer = tokenizer.Encode("a", addSpecialTokens: true).Ids;
        for (var start = 0; start + inner.Length <= outer.Length; start++)
        {
            if (outer.AsSpan(start, inner.Length).SequenceEqual(inner)) return new SpecialFrame(outer[..start], outer[(start + inner.Length)..]);
        }

        return new SpecialFrame([], []);
    }
}
