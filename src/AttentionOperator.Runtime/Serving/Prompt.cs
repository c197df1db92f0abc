namespace AttentionOperator.Runtime.Serving;

/// <summary>Input of one generation, within the caps.</summary>
/// <param name="Ids">Token ids.</param>
/// <param name="Shortened">What was done to make it fit; null = nothing.</param>
internal sealed record Prompt(int[] Ids, Shortening? Shortened = null);

/// <summary>How input beyond the cap was made to fit; says so in header and body.</summary>
/// <param name="Policy">The policy that applied.</param>
/// <param name="OriginalTokens">Tokens before.</param>
/// <param name="KeptTokens">Tokens of the input that was computed (of one chunk, for Chunk).</param>
/// <param name="Chunks">Number of chunks; 1 unless chunked.</param>
internal sealed record Shortening(Api.V1Alpha1.TooLongPolicy Policy, int OriginalTokens, int KeptTokens, int Chunks)
{
    /// <summary>Value of <c>X-Attention-Truncated</c>.</summary>
    public string HeaderValue => Policy == Api.V1Alpha1.TooLongPolicy.Chunk
        ? FormattableString.Invariant($"chunk; original={OriginalTokens}; chunks={Chunks}; chunk-size={KeptTokens}")
        : FormattableString.Invariant($"{(Policy == Api.V1Alpha1.TooLongPolicy.TruncateStart ? "start" : "end")}; original={OriginalTokens}; kept={KeptTokens}");
}
