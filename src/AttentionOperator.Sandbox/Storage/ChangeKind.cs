namespace AttentionOperator.Sandbox.Storage;

internal enum ChangeKind
{
    Added,
    Modified,
    Deleted,
}
