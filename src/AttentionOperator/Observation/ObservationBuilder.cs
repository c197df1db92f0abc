using AttentionOperator.Api.Naming;
using AttentionOperator.Kube.Objects;
using k8s.Models;

namespace AttentionOperator.Observation;

/// <summary>Builds the observation of one model from the cached objects that it owns and the pods that carry its name.</summary>
internal static class ObservationBuilder
{
    /// <param name="objects">The cached objects.</param>
    /// <param name="podsTell">Whether the pods are wanted although none may be missing.</param>
    public static ModelObservation Build(IEnumerable<KubeObject> objects, bool podsTell = false)
    {
        var deployments = new List<ObservedDeployment>();
        var revisions = new List<ObservedRevision>();
        var children = new List<ObservedChild>();
        var pods = new List<KubeObject>();
        var jobs = new List<KubeObject>();
        foreach (var value in objects)
        {
            if (value.Resource == ResourceKinds.Pod)
            {
                pods.Add(value);
                continue;
            }

            if (!value.IsDeleting)
            {
                children.Add(ChildReader.Child(value));
            }

            if (value.Resource == ResourceKinds.Deployment && ChildReader.Deployment(value) is { } deployment)
            {
                deployments.Add(deployment);
            }
            else if (value.Resource == ResourceKinds.Job && !value.IsDeleting)
            {
                jobs.Add(value);
            }
            else if (value.Resource == ResourceKinds.ControllerRevision && ChildReader.Revision(value) is { } revision)
            {
                revisions.Add(revision);
            }
        }

        // The parts of a revision count as one.
        deployments = [.. deployments.GroupBy(deployment => (deployment.Revision, deployment.IsDeleting)).Select(Whole)];

        // Pods are large and only tell something where one is missing.
        var isShort = deployments.Any(deployment => deployment.ReadyReplicas < deployment.Replicas);
        return new ModelObservation
        {
            Deployments = deployments,
            Revisions = revisions,
            Children = children,
            IsShort = isShort,
            Pods = isShort || podsTell ? [.. pods.Where(pod => pod.Label(LabelNames.Revision) is not null).Select(pod => pod.As<V1Pod>())] : [],
            Leaving = [.. pods.Where(pod => pod.IsDeleting && pod.Label(LabelNames.Revision) is not null).Select(ChildReader.Leaving).OfType<LeavingPod>()],
            Evaluations = [.. jobs.Select(job => ChildReader.Evaluation(job, pods))],
        };
    }

    private static ObservedDeployment Whole(IEnumerable<ObservedDeployment> parts) => parts.Aggregate((left, right) => left with
    {
        Replicas = left.Replicas + right.Replicas,
        Pods = left.Pods + right.Pods,
        ReadyReplicas = left.ReadyReplicas + right.ReadyReplicas,
    });
}
