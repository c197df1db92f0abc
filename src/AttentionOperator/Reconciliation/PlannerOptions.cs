using AttentionOperator.Api.Validation;
using AttentionOperator.Children;

namespace AttentionOperator.Reconciliation;

/// <summary>What an installation decides for all models.</summary>
internal sealed record PlannerOptions
{
    /// <summary>Image of the runtime for new revisions whose spec names none.</summary>
    public required string RuntimeImage { get; init; }

    /// <summary>Base URL of the OpenAI API, for status; null where no gateway is known.</summary>
    public string? GatewayUrl { get; init; }

    /// <summary>How models' pods are shielded; null: by nothing that the operator makes.</summary>
    public NetworkPolicySettings? NetworkPolicy { get; init; }

    /// <summary>Whether it is known which nodes pods have to leave, so that they can be replaced first.</summary>
    public bool WatchesNodes { get; init; } = true;

    public ValidationOptions Validation { get; init; } = new();
}
