namespace AttentionOperator.Sandbox.Patch;

internal enum PatchKind
{
    Merge,
    Json,
    Strategic,
    Apply,
}
