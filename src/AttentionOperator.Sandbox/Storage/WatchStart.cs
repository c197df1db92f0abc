namespace AttentionOperator.Sandbox.Storage;

/// <summary>A started watch: the objects at its start, their version, and the queue of what follows.</summary>
internal sealed record WatchStart(TableSnapshot Snapshot, long Version, WatchSubscription Subscription);
