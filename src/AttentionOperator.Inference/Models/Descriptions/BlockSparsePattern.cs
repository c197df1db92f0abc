namespace AttentionOperator.Inference.Models.Descriptions;

/// <summary>
/// Local blocks plus global tokens (Longformer and BigBird without random blocks): a query sees the keys of its own block and of
/// <paramref name="NeighbourBlocks"/> blocks on each side, the first <paramref name="GlobalTokens"/> keys, and everything if it is itself global.
/// </summary>
/// <param name="BlockSize">Tokens per block.</param>
/// <param name="NeighbourBlocks">Blocks on each side of the query's own.</param>
/// <param name="GlobalTokens">Leading tokens that see and are seen by all.</param>
public sealed record BlockSparsePattern(int BlockSize, int NeighbourBlocks, int GlobalTokens)
{
    public bool Allows(int query, int key) =>
        query < GlobalTokens || key < GlobalTokens || Math.Abs(query / BlockSize - key / BlockSize) <= NeighbourBlocks;
}
