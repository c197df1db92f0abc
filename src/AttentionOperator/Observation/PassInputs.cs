using AttentionOperator.Kube.Objects;

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
    private static ReadOnlySpan<byte> AnnotationPrefix => "attentionoperator.io/"u8;

    /// <summary>Whether a plan from the other inputs would be the same at the same time.</summary>
    /// <param name="other">Inputs of another pass.</param>
    /// <param name="withPods">Pods matter only where a Deployment is short of ready ones, which its own status shows.</param>
    public bool AreSame(PassInputs other, bool withPods) =>
        AreSame(Children, other.Children) && (!withPods || AreSame(Pods, other.Pods)) && ObjectContent.AreSame(Model, other.Model, AnnotationPrefix);

    public ModelObservation Observe() => ObservationBuilder.Build([.. Children, .. Pods]);

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
