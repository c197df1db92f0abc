using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Demand;

/// <summary>Where the demand for models is read from. It never throws but for cancellation: what cannot be read is missing from the answer, and the answer says so.</summary>
internal interface IDemandSource
{
    /// <param name="model">The model.</param>
    /// <param name="withPods">Also ask the replicas.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task<ModelDemand> ReadAsync(ObjectKey model, bool withPods, CancellationToken cancellation);

    /// <summary>95th percentile of the time to the first token over about the last minute, in seconds; null where it is not known.</summary>
    Task<double?> FirstTokenP95Async(ObjectKey model, CancellationToken cancellation);

    /// <summary>Forgets a model that is gone.</summary>
    void Forget(ObjectKey model);
}
