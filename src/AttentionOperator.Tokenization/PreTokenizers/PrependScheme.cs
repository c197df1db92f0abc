namespace AttentionOperator.Tokenization.PreTokenizers;

/// <summary>Which pieces get a leading replacement character.</summary>
internal enum PrependScheme
{
    First,
    Never,
    Always,
}
