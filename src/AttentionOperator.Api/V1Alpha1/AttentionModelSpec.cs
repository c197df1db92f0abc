using System.Text.Json.Serialization;
using AttentionOperator.Api.Schema;
using AttentionOperator.Api.Serialization;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Desired state of an AttentionModel.</summary>
[CelRule(
    "self.task == 'Generate' || self.task == 'Seq2Seq' || !has(self.limits.maxInputTokens) || self.limits.maxInputTokens <= self.limits.maxBatchTokens",
    "limits.maxInputTokens must not exceed limits.maxBatchTokens for an encoder task, because an input is computed in one step; raise limits.maxBatchTokens or lower limits.maxInputTokens")]
[CelRule(
    "self.precision != 'Float16' || has(self.resources.accelerator)",
    "precision must not be Float16 without an accelerator; set resources.accelerator, or use BFloat16 or Float32 on the CPU")]
public sealed record AttentionModelSpec
{
    /// <summary>What the model is for; decides which endpoints it serves.</summary>
    public ModelTask Task { get; init; } = ModelTask.Generate;

    /// <summary>Where the model's files are.</summary>
    [RequiredField]
    public ModelSource Model { get; init; } = new();

    /// <summary>Where the tokenizer's files are; default: beside the model.</summary>
    public TokenizerSource? Tokenizer { get; init; }

    /// <summary>Arithmetic and weight format.</summary>
    public Precision Precision { get; init; } = Precision.Auto;

    /// <summary>How attention is computed; default: what the model's config says.</summary>
    public AttentionSpec? Attention { get; init; }

    /// <summary>Token caps.</summary>
    public LimitsSpec Limits { get; init; } = new();

    /// <summary>Bounds of a batch and of the queue of one replica.</summary>
    public BatchingSpec Batching { get; init; } = new();

    /// <summary>The runtime's container.</summary>
    public RuntimeSpec Runtime { get; init; } = new();

    /// <summary>Compute resources of one replica.</summary>
    public ResourcesSpec Resources { get; init; } = new();

    /// <summary>Where replicas may run.</summary>
    public PlacementSpec? Placement { get; init; }

    /// <summary>Number of replicas, over all revisions. Written by an autoscaler through the scale subresource where there is one.</summary>
    [Bounds(0, 100_000)]
    public int Replicas { get; init; } = 1;

    /// <summary>
    /// Replicas (a number, or a percentage of them, rounded up) of each revision that never run on spot nodes while placement.spot is Allow. It is no part of the revision:
    /// a change moves replicas and restarts no other.
    /// </summary>
    [CountOrPercent]
    [JsonConverter(typeof(IntOrStringConverter))]
    public string OnDemandReplicas { get; init; } = "1";

    /// <summary>Autoscaling; default: none, replicas stays as it is set.</summary>
    public ScalingSpec? Scaling { get; init; }

    /// <summary>Service level objectives, judged per revision.</summary>
    public SloSpec? Slo { get; init; }

    /// <summary>How a new revision takes over.</summary>
    public RolloutSpec Rollout { get; init; } = new();

    /// <summary>How clients reach the model.</summary>
    public TrafficSpec? Traffic { get; init; }

    /// <summary>Who may call the model.</summary>
    public SecuritySpec? Security { get; init; }

    /// <summary>What a replica costs, for reports and for ceilings of policies that have no price of its accelerators.</summary>
    public CostSpec? Cost { get; init; }

    /// <summary>Metrics, traces and probes.</summary>
    public ObservabilitySpec? Observability { get; init; }

    /// <summary>Who answers for the model; shown in alerts and dashboards.</summary>
    [Planned]
    public OwnerSpec? Owner { get; init; }
}
