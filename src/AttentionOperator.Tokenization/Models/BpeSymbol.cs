namespace AttentionOperator.Tokenization.Models;

/// <summary>A node of the linked list that merging works on.</summary>
internal struct BpeSymbol
{
    public int Id;
    public int Previous;
    public int Next;
    public int Start;
    public int End;
}
