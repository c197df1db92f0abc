using System.Text.Json.Serialization;
using AttentionOperator.Api.Schema;
using AttentionOperator.Api.Serialization;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>What a replica costs, and what tokens cost those who use them.</summary>
public sealed record CostSpec
{
    /// <summary>Price of one replica per hour.</summary>
    [RequiredField]
    [Decimal]
    [JsonConverter(typeof(IntOrStringConverter))]
    public string PerReplicaHour { get; init; } = "";

    /// <summary>Price of a million input tokens, charged to the budgets of tenants; default: none.</summary>
    [Decimal]
    [JsonConverter(typeof(IntOrStringConverter))]
    public string? PerMillionInputTokens { get; init; }

    /// <summary>Price of a million output tokens.</summary>
    [Decimal]
    [JsonConverter(typeof(IntOrStringConverter))]
    public string? PerMillionOutputTokens { get; init; }

    /// <summary>ISO 4217 code.</summary>
    [Pattern("^[A-Z]{3}$")]
    public string Currency { get; init; } = "USD";
}
