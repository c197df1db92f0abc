using System.Text.Json;
using AttentionOperator.Api.Revisions;

namespace AttentionOperator.Observation;

/// <summary>A revision of the history: a ControllerRevision.</summary>
internal sealed record ObservedRevision
{
    public required string Name { get; init; }

    public required string Uid { get; init; }

    /// <summary>Revision hash, from its label.</summary>
    public required string Hash { get; init; }

    /// <summary>Greater is newer.</summary>
    public required long Number { get; init; }

    /// <summary>As it is stored; it can never change.</summary>
    public JsonElement Data { get; init; }

    /// <summary>Null where this build cannot read it, or would render it differently from the build that did.</summary>
    public RevisionSnapshot? Snapshot { get; init; }
}
