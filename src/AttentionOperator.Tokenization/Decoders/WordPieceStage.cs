namespace AttentionOperator.Tokenization.Decoders;

/// <summary>Continuation pieces are joined to the word, other tokens get a space before them.</summary>
internal sealed class WordPieceStage(string prefix, bool cleanUp) : DecoderStage
{
    private bool started;

    public override void Push(string chunk, bool startsToken)
    {
        if (started)
            chunk = chunk.StartsWith(prefix, StringComparison.Ordinal) ? chunk[prefix.Length..] : " " + chunk;
        started = true;
        Next.Push(cleanUp ? CleanUp.ApplyToToken(chunk) : chunk, startsToken);
    }
}
