using System.Globalization;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Gateway.Forwarding;

namespace AttentionOperator.Gateway.Spending;

/// <summary>What a model's tokens cost, in the model's currency.</summary>
/// <param name="Input">Per input token.</param>
/// <param name="Output">Per output token.</param>
internal readonly record struct TokenPrices(decimal Input, decimal Output)
{
    private const decimal Million = 1_000_000;

    public static TokenPrices Of(CostSpec? cost) => new(Parse(cost?.PerMillionInputTokens) / Million, Parse(cost?.PerMillionOutputTokens) / Million);

    public Spent Of(TokenUsage usage) => new(usage.Input + usage.Output, (usage.Input * Input) + (usage.Output * Output));

    private static decimal Parse(string? text) => decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) ? value : 0;
}
