using AttentionOperator.Api.Policies;

namespace AttentionOperator.Fleet;

/// <summary>The policies that hold for a model, and what their ceilings leave it.</summary>
/// <param name="Policies">In the order in which defaults are looked for.</param>
/// <param name="Grant">Null where there are no ceilings.</param>
internal sealed record PolicyObservation(IReadOnlyList<NamedPolicy> Policies, ModelGrant? Grant)
{
    public static PolicyObservation None { get; } = new([], null);

    /// <summary>Whether a plan under the other would be the same; lists of policies are shared until one of them changes.</summary>
    public bool IsSame(PolicyObservation other) => ReferenceEquals(Policies, other.Policies) && Grant == other.Grant;

    /// <summary>Replicas that the model may run of those that its spec asks for, and what keeps it below them.</summary>
    public (int Replicas, string? Limit) Replicas(int wanted)
    {
        var (replicas, limit) = (wanted, (string?)null);
        foreach (var policy in Policies)
        {
            if (policy.Spec.Caps?.MaxReplicas is { } most && most < replicas)
            {
                (replicas, limit) = (most, $"{most} of {wanted} replicas may run by {policy.Source}");
            }
        }

        return Grant is { } grant && grant.Replicas < replicas ? (grant.Replicas, grant.Limit) : (replicas, limit);
    }
}
