using System.Text.Json;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Gateway.Errors;
using AttentionOperator.Gateway.Metrics;
using AttentionOperator.Gateway.Requests;
using AttentionOperator.Gateway.Routing;
using AttentionOperator.Tokenization;
using AttentionOperator.Tokenization.ChatTemplates;

namespace AttentionOperator.Gateway.TokenCounting;

/// <summary>
/// Counts a request's input before any accelerator sees it: first by bytes, which costs nothing, then exactly, where the bytes do not decide. Exactly only with
/// the tokenizer that the runtimes have; never by a guess.
/// </summary>
internal sealed class InputCounter(TokenizerCatalog catalog, TokenizerAgreement agreement, GatewayMetrics metrics)
{
    /// <summary>The input's size, or a refusal that names both numbers.</summary>
    /// <param name="path">Endpoint.</param>
    /// <param name="route">The model.</param>
    /// <param name="body">The client's body.</param>
    /// <param name="facts">What is in it.</param>
    /// <param name="needsCount">The size is needed also where the cap is not in doubt.</param>
    public (InputSize Size, GatewayError? Error) Count(PathString path, ModelRoute route, ReadOnlySpan<byte> body, in RequestFacts facts, bool needsCount)
    {
        var bytes = new InputSize(body.Length, IsExact: false);
        var cap = route.Spec.Limits.OnTooLong == TooLongPolicy.Reject ? route.Spec.Limits.MaxInputTokens : null;
        if (cap is null && !needsCount) return (bytes, null);
        if (catalog.Get(route.Key) is not { } loaded) return (bytes, null);
        if (!agreement.Holds(route, loaded.Tokenizer.Fingerprint))
        {
            metrics.TokenizerChecks.WithLabels("Disagrees").Inc();
            return (bytes, null);
        }

        if (TextsOf(path, body, facts) is not { } texts) return (bytes, null);
        var least = loaded.Tokenizer.MinTokens(texts.LongestBytes);
        if (least > cap) return (default, TooLong($"at least {least}", cap.Value, texts.Param));
        var most = loaded.Tokenizer.MaxTokens(texts.LongestBytes);
        if (texts.Messages is null && !needsCount && most <= cap) return (bytes, null);
        if (Exact(loaded, texts) is not { } counts) return (bytes, null);
        metrics.TokenizerChecks.WithLabels("Counted").Inc();
        var longest = counts.Count == 0 ? 0 : counts.Max();
        return longest > cap ? (default, TooLong($"{longest}", cap.Value, texts.Param)) : (new InputSize(counts.Sum(c => (long)c), IsExact: true), null);
    }

    private static InputTexts? TextsOf(PathString path, ReadOnlySpan<byte> body, in RequestFacts facts)
    {
        try
        {
            return InputTexts.Read(path, body, facts);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            // The runtime refuses it with its own words.
            return null;
        }
    }

    private static List<int>? Exact(LoadedTokenizer loaded, InputTexts texts)
    {
        try
        {
            if (texts.Messages is null) return [.. texts.Texts.Select(t => loaded.Tokenizer.Count(t))];
            return loaded.ChatTemplate is { } template ? [loaded.Tokenizer.Count(template.Render(texts.Messages, addGenerationPrompt: true), addSpecialTokens: false)] : null;
        }
        catch (Exception e) when (e is ChatTemplateException or TokenizationException)
        {
            return null;
        }
    }

    private static GatewayError TooLong(string tokens, int cap, string param) =>
        new(400, "TooLong", $"The input has {tokens} tokens; the model takes at most {cap}. Send a shorter input.", param);
}
