using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Slo.Sources;

/// <summary>One kind of source that counters are read from.</summary>
internal interface ISliReader
{
    /// <summary>Reads what the given models need. What cannot be read stays as it was; it never throws but for cancellation.</summary>
    Task ReadAsync(IReadOnlyCollection<WatchedModel> models, CancellationToken cancellation);

    /// <summary>What is known of a model; null where nothing was read yet.</summary>
    SliObservation? Find(ObjectKey model);
}

/// <summary>A model whose counters are wanted.</summary>
/// <param name="Key">The model.</param>
/// <param name="Prometheus">Base URL of its Prometheus server; null for the gateways themselves.</param>
internal sealed record WatchedModel(ObjectKey Key, string? Prometheus);
