namespace AttentionOperator.Sandbox.Storage;

/// <summary>One committed change. For a deletion <see cref="Object"/> is the last state with the deletion's version.</summary>
internal sealed record WatchRecord(ChangeKind Kind, StoredObject Object, StoredObject? Previous)
{
    public long Version => Object.Version;
}
