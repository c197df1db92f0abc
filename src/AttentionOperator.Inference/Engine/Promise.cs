namespace AttentionOperator.Inference.Engine;

/// <summary>A refused caller was told when to come back; until then and a little longer its place is kept.</summary>
/// <param name="Key">Tells the caller again; 0 = it cannot be told, and the place is nobody's once it is due.</param>
/// <param name="Line">Where it stands.</param>
/// <param name="Requests">Places.</param>
/// <param name="Tokens">Tokens.</param>
/// <param name="Due">Second at which it comes back.</param>
/// <param name="Until">Second at which the place is given up.</param>
internal sealed record Promise(UInt128 Key, PromiseLine Line, int Requests, long Tokens, long Due, long Until);
