using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Children;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;
using k8s.Models;

namespace AttentionOperator.Reconciliation;

/// <summary>One revision of a model.</summary>
/// <param name="Hash">Revision hash.</param>
/// <param name="Number">Greater is newer.</param>
/// <param name="Snapshot">What it runs; null where only its children know.</param>
/// <param name="Observed">Its ControllerRevision; null where it has none yet.</param>
internal sealed record RevisionEntry(string Hash, long Number, RevisionSnapshot? Snapshot, ObservedRevision? Observed)
{
    /// <summary>Its ControllerRevision. The data of one that exists is passed on as it is, because it can never change.</summary>
    public V1ControllerRevision Render(AttentionModel model) => new()
    {
        ApiVersion = "apps/v1",
        Kind = "ControllerRevision",
        Metadata = ChildLabels.Metadata(model, ChildNames.Revision(model.Metadata.Name, Hash), ChildLabels.OfRevision(model, Hash)),
        Revision = Number,
        Data = Observed?.Data ?? JsonSerializer.SerializeToElement(Snapshot, KubeJson.Options),
    };
}
