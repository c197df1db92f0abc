namespace AttentionOperator.Tokenization.Models;

/// <summary>Every piece is one token.</summary>
internal sealed class WordLevelModel(Vocabulary vocabulary, int? unknownId) : ITokenModel
{
    public Vocabulary Vocabulary => vocabulary;

    public bool HonoursCleanUp => true;

    public int LongestTokenBytes(bool byteLevel) => 0;

    public void Tokenize(ReadOnlySpan<char> piece, TokenBuffer output)
    {
        if (piece.IsEmpty)
            return;
        if (!vocabulary.TryGetId(piece, out var id))
            id = unknownId ?? throw new TokenizationException("The text has a word outside the vocabulary, and the vocabulary has no unknown token.");
        output.Add(id, 0, piece.Length);
    }
}
