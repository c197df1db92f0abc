using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Slo;

/// <summary>Where the reconciler gets the counters of a model in rollout from; it answers from memory, and never waits.</summary>
internal interface ISliSource
{
    /// <summary>The counters; null where the model has no objectives, nothing is judged now, or nothing was read yet. The source reads them from now on while a rollout is judged.</summary>
    SliObservation? Observe(AttentionModel model);

    /// <summary>Whether the model's counters are read now. They are no cached object, so no pass over such a model is skipped.</summary>
    bool IsWatching(ObjectKey model);

    /// <summary>Forgets a model that is gone.</summary>
    void Forget(ObjectKey model);
}
