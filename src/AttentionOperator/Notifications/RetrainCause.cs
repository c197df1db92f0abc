using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Reconciliation;
using AttentionOperator.Rollouts;

namespace AttentionOperator.Notifications;

/// <summary>Whether a decision means that the model itself is not good enough, so that another training may help. Pure.</summary>
internal static class RetrainCause
{
    /// <summary>True where the decision is a rejection by the evaluation (its drift from the stable revision included), or by an objective of quality.</summary>
    public static bool Of(AttentionModel model, AttentionModelStatus? status, PlannedEvent note)
    {
        if (note.Type != EventType.Warning || status?.Rejected?.FirstOrDefault(rejected => rejected.Reason == note.Reason) is not { } rejection)
        {
            return false;
        }

        return note.Reason == nameof(RolloutReason.EvaluationFailed)
            || (rejection.Objectives ?? []).Any(name => model.Spec?.Slo?.Objectives.Any(objective => objective.Name == name && objective.Type == ObjectiveType.Quality) == true);
    }
}
