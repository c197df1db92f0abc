using System.Globalization;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.Values;

namespace AttentionOperator.Api.Runtime;

/// <summary>Builds what a revision's pods are told.</summary>
public static class RuntimeConfigurationBuilder
{
    /// <exception cref="FormatException">A quantity or duration of the snapshot does not parse; validation would have said so.</exception>
    public static RuntimeConfiguration Build(string @namespace, string model, string revision, RevisionSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return new RuntimeConfiguration
        {
            Namespace = @namespace,
            Model = model,
            Revision = revision,
            Task = snapshot.Task,
            ModelDigest = snapshot.Model.Digest,
            TokenizerDigest = snapshot.Tokenizer?.Digest,
            Precision = snapshot.Precision,
            Attention = snapshot.Attention,
            Limits = snapshot.Limits,
            Batching = snapshot.Batching,
            DrainSeconds = WholeSeconds(snapshot.Runtime.DrainTimeout),
            Threads = snapshot.Resources.Cpu is { } cpu ? (int)Math.Max(1, decimal.Ceiling(Quantities.Parse(cpu))) : null,
            VllmMetricAliases = snapshot.Observability?.VllmMetricAliases ?? false,
            EntropySampleRatio = snapshot.Observability?.EntropySampleRatio is { } ratio ? double.Parse(ratio, CultureInfo.InvariantCulture) : 0,
        };
    }

    /// <summary>A duration in whole seconds, rounded up.</summary>
    public static int WholeSeconds(string duration) => (int)Math.Ceiling(Durations.Parse(duration).TotalSeconds);
}
