using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Storage;

namespace AttentionOperator.Sandbox.Operations;

/// <summary>Reacts to committed writes of the API itself (CustomResourceDefinitions, APIServices).</summary>
internal interface ICommitObserver
{
    Task CommittedAsync(ResourceDefinition resource, ChangeKind kind, StoredObject stored);
}
