namespace AttentionOperator.Tokenization.PreTokenizers;

/// <summary>A range of code units of the pre-tokenized text.</summary>
internal readonly record struct Piece(int Start, int End)
{
    public int Length => End - Start;
}
