using AttentionOperator.Api.Sli;

namespace AttentionOperator.Slo;

/// <summary>One gateway process's counters of one model; monotonic over the life of the process.</summary>
/// <param name="Instance">The process.</param>
/// <param name="StartedAt">When it began to count, by its own clock.</param>
/// <param name="Revisions">Counters per revision.</param>
internal sealed record GatewayCounters(string Instance, DateTimeOffset StartedAt, IReadOnlyList<RevisionSli> Revisions)
{
    /// <summary>Counts of a revision for an objective under one definition; zero where there are none.</summary>
    public ObjectiveCounts Of(string? revision, string objective, string definition)
    {
        var sli = Revisions.FirstOrDefault(found => found.Revision == revision)?.Objectives
            .FirstOrDefault(found => found.Name == objective && (found.Definition.Length == 0 || found.Definition == definition));
        return sli is null ? default : new ObjectiveCounts(sli.Good, sli.Bad);
    }
}
