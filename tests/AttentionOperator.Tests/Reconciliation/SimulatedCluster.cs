using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;
using AttentionOperator.Reconciliation;
using AttentionOperator.Rollouts;
using k8s;
using k8s.Models;

namespace AttentionOperator.Tests.Reconciliation;

/// <summary>
/// One AttentionModel in a cluster of the mind: plans are carried out in single steps, any of which may be the last before the
/// operator restarts, and pods come up one at a time.
/// </summary>
internal sealed class SimulatedCluster
{
    private readonly ModelPlanner planner = new(new PlannerOptions { RuntimeImage = "attention-runtime:0.1.0" }, new StrategyRollouts());
    private readonly Dictionary<string, IKubernetesObject<V1ObjectMeta>> objects = new(StringComparer.Ordinal);
    private int lastUid;

    public SimulatedCluster(AttentionModelSpec spec)
    {
        Model = new AttentionModel
        {
            Metadata = new V1ObjectMeta { Name = "chat", NamespaceProperty = "demo", Uid = "model", Generation = 1 },
            Spec = spec,
        };
    }

    public AttentionModel Model { get; private set; }

    public DateTimeOffset Now { get; private set; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Pods that are ending.</summary>
    public List<KubeObject> Ending { get; } = [];

    public IEnumerable<V1Deployment> Deployments => objects.Values.OfType<V1Deployment>();

    public IEnumerable<string> Objects => objects.Keys.Order(StringComparer.Ordinal);

    public void Edit(Func<AttentionModelSpec, AttentionModelSpec> change)
    {
        Model.Spec = change(Model.Spec);
        Model.Metadata.Generation++;
    }

    public void LoseStatus() => Model.Status = null;

    public void Pass(TimeSpan time) => Now += time;

    /// <summary>One more (or one fewer) pod of the n-th Deployment is ready.</summary>
    public void MovePod(int which, bool up)
    {
        var deployments = Deployments.OrderBy(deployment => deployment.Metadata.Name, StringComparer.Ordinal).ToList();
        if (deployments.Count == 0)
        {
            return;
        }

        var deployment = deployments[which % deployments.Count];
        var ready = Math.Clamp((deployment.Status?.ReadyReplicas ?? 0) + (up ? 1 : -1), 0, deployment.Spec.Replicas ?? 0);
        deployment.Status = new V1DeploymentStatus { Replicas = deployment.Spec.Replicas, ReadyReplicas = ready };
    }

    public void AllPodsReady()
    {
        foreach (var deployment in Deployments)
        {
            deployment.Status = new V1DeploymentStatus { Replicas = deployment.Spec.Replicas, ReadyReplicas = deployment.Spec.Replicas };
        }
    }

    /// <summary>The plan for a time, not carried out.</summary>
    public ReconcilePlan Plan(DateTimeOffset time) => planner.Plan(Model, Observe(), null, time);

    /// <summary>Plans, and carries out the first <paramref name="steps"/> steps of the plan; a restart forgets the rest.</summary>
    public ReconcilePlan Reconcile(int steps = int.MaxValue)
    {
        var plan = Plan(Now);
        foreach (var child in plan.Apply)
        {
            if (steps-- <= 0)
            {
                return plan;
            }

            Apply(child);
        }

        foreach (var child in plan.Delete)
        {
            if (steps-- <= 0)
            {
                return plan;
            }

            objects.Remove($"{child.Resource.Kind} {child.Key.Name}");
        }

        if (steps > 0)
        {
            Model.Status = plan.Status;
        }

        return plan;
    }

    public ModelObservation Observe() => ObservationBuilder.Build(objects.Values.Select(child =>
        new KubeObjectCodec(ResourceKinds.Of(child.ApiVersion, child.Kind)).Decode(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(child, child.GetType(), KubeJson.Options))).Concat(Ending));

    public int ReadyOf(string revision) =>
        Deployments.FirstOrDefault(deployment => deployment.Metadata.Labels[LabelNames.Revision] == revision)?.Status?.ReadyReplicas ?? 0;

    private void Apply(IKubernetesObject<V1ObjectMeta> child)
    {
        var id = $"{child.Kind} {child.Metadata.Name}";
        var old = objects.GetValueOrDefault(id);
        child.Metadata.Uid = old?.Metadata.Uid ?? $"uid-{++lastUid}";
        if (child is V1Deployment deployment)
        {
            var before = (old as V1Deployment)?.Status;
            deployment.Status = new V1DeploymentStatus { Replicas = deployment.Spec.Replicas, ReadyReplicas = Math.Min(before?.ReadyReplicas ?? 0, deployment.Spec.Replicas ?? 0) };
        }

        objects[id] = child;
    }
}
