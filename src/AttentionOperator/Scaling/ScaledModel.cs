using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Scaling;

/// <summary>A model that the scaling loop looks at.</summary>
/// <param name="Source">As it is cached.</param>
/// <param name="Model">Read from it.</param>
internal sealed record ScaledModel(KubeObject Source, AttentionModel Model)
{
    private static readonly TimeSpan Awaited = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(1);

    public bool InRollout => Model.Status?.Rollout?.Phase is RolloutPhase.Progressing or RolloutPhase.Paused;

    /// <summary>The replicas have to be asked too.</summary>
    public bool NeedsPods => InRollout || Model.Spec.Scaling is { Mode: ScalingMode.Operator } or { MinReplicas: 0 };

    /// <summary>How often to look; null: never. Somebody waits for a model that is scaled to zero.</summary>
    public TimeSpan? Interval => Model.Spec switch
    {
        { Scaling: { MinReplicas: 0 }, Replicas: 0 } => Awaited,
        { Scaling: { Mode: ScalingMode.Operator } or { MinReplicas: 0 } } => Usual,
        _ => InRollout ? Usual : null,
    };

    /// <summary>Null for a model that needs no look.</summary>
    public static ScaledModel? Of(KubeObject value)
    {
        if (value.IsDeleting || !MayScale(value.Json.Span))
        {
            return null;
        }

        var (model, error) = Observation.ModelReader.Read(value);
        return error is null && new ScaledModel(value, model) is { Interval: not null } scaled ? scaled : null;
    }

    // Most models of a large fleet have neither; they are not worth being parsed at every change.
    private static bool MayScale(ReadOnlySpan<byte> json) => json.IndexOf("\"scaling\""u8) >= 0 || json.IndexOf("\"Progressing\""u8) >= 0 || json.IndexOf("\"Paused\""u8) >= 0;
}
