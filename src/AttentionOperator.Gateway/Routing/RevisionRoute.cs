using System.Collections.Immutable;

namespace AttentionOperator.Gateway.Routing;

/// <summary>One revision's ready endpoints and its share of traffic in percent.</summary>
internal sealed record RevisionRoute(string Revision, int Weight, ImmutableArray<RuntimeEndpoint> Endpoints)
{
    public bool HasEndpoints => !Endpoints.IsEmpty;
}
