using AttentionOperator.Sandbox.Admission;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Storage;

namespace AttentionOperator.Sandbox.Operations;

/// <summary>What every operation needs.</summary>
internal sealed record ApiContext(ObjectStore Store, ResourceRegistry Registry, TimeProvider Clock)
{
    public AdmissionChain Admission { get; } = new();

    /// <summary>Told of every committed change, before the request is answered.</summary>
    public List<ICommitObserver> Observers { get; } = [];
}
