using System.Collections.Frozen;
using AttentionOperator.Fleet;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Nodes;

namespace AttentionOperator.Observation;

/// <summary>
/// Every cached object that a plan is made from. Cached objects never change in place, so equal references are equal inputs.
/// Whoever lets the planner see another object adds it here: what is missing would not be noticed while nothing else changes.
/// </summary>
/// <param name="Model">The AttentionModel.</param>
/// <param name="Children">What it owns.</param>
/// <param name="Pods">Pods that carry its name.</param>
internal sealed record PassInputs(KubeObject Model, IReadOnlyList<KubeObject> Children, IReadOnlyList<KubeObject> Pods)
{
    /// <summary>Policies that hold for the model.</summary>
    public PolicyObservation Policy { get; init; } = PolicyObservation.None;

    /// <summary>Nodes whose pods have to leave; another instance after every change.</summary>
    public IReadOnlyDictionary<string, Departure> Departures { get; init; } = FrozenDictionary<string, Departure>.Empty;

    private static ReadOnlySpan<byte> AnnotationPrefix => "attentionoperator.io/"u8;

    /// <summary>Whether a plan from the other inputs would be the same at the same time.</summary>
    /// <param name="other">Inputs of another pass.</param>
    /// <param name="withPods">Pods matter where a Deployment is short of ready ones, where one is ending, and while something is rolled out.</param>
    public bool AreSame(PassInputs other, bool withPods) =>
        AreSame(Children, other.Children) && ReferenceEquals(Departures, other.Departures) && Policy.IsSame(other.Policy) && (!withPods || AreSame(Pods, other.Pods)) && ObjectContent.AreSame(Model, other.Model, AnnotationPrefix);

    /// <summary>Pods say something although no Deployment lacks one, or sit on nodes that they may have to leave.</summary>
    public bool PodsTell => Departures.Count > 0 || PodMarkers.Any(Pods);

    /// <param name="addresses">Whether the pods are wanted although they tell nothing.</param>
    public ModelObservation Observe(bool addresses = false) => ObservationBuilder.Build([.. Children, .. Pods], PodsTell || addresses) with { Policy = Policy, Departures = Departures };

    private static bool AreSame(IReadOnlyList<KubeObject> left, IReadOnlyList<KubeObject> right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        for (var i = 0; i < left.Count; i++)
        {
            if (!ReferenceEquals(left[i], right[i]))
            {
                return false;
            }
        }

        return true;
    }
}
