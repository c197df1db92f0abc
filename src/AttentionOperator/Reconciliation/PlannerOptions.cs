using AttentionOperator.Api.Validation;

namespace AttentionOperator.Reconciliation;

/// <summary>What an installation decides for all models.</summary>
internal sealed record PlannerOptions
{
    /// <summary>Image of the runtime for new revisions whose spec names none.</summary>
    public required string RuntimeImage { get; init; }

    /// <summary>Base URL of the OpenAI API, for status; null where no gateway is known.</summary>
    public string? GatewayUrl { get; init; }

    public ValidationOptions Validation { get; init; } = new();
}
