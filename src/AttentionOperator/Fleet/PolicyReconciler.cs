using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Policies;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Apply;
using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;

namespace AttentionOperator.Fleet;

/// <summary>Publishes the use of a policy's ceilings, at its changes and every few seconds.</summary>
internal sealed class PolicyReconciler(FleetView fleet, ServerSideApplier applier) : IReconciler<ObjectKey>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    public async ValueTask<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        var resource = key.Namespace.Length == 0 ? ResourceKinds.ClusterPolicy : ResourceKinds.Policy;
        if (fleet.Policy(key) is not { IsDeleting: false } policy)
        {
            applier.Forget(resource, key);
            return ReconcileResult.Done;
        }

        AttentionPolicySpec spec;
        try
        {
            spec = key.Namespace.Length == 0 ? policy.As<ClusterAttentionPolicy>().Spec : policy.As<AttentionPolicy>().Spec;
        }
        catch (JsonException)
        {
            return ReconcileResult.Terminal("Unreadable");
        }

        var status = PolicyStatusBuilder.Build(spec, policy.Generation, fleet.UsersOf(policy));
        var document = new StatusDocument(ApiNames.ApiVersion, resource.Kind, new StatusMetadata(key.Name, key.Namespace.Length == 0 ? null : key.Namespace, policy.Uid), status);
        await applier.ApplyAsync(new ApplyRequest(resource, key, JsonSerializer.SerializeToUtf8Bytes(document, KubeJson.Options), ConflictPolicy.Force, "status"), policy, cancellation);
        return ReconcileResult.Waiting(Interval, "Interval");
    }

    private sealed record StatusDocument(string ApiVersion, string Kind, StatusMetadata Metadata, AttentionPolicyStatus Status);

    private sealed record StatusMetadata(string Name, string? Namespace, string Uid);
}
