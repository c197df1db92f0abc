namespace AttentionOperator.Tokenization.ChatTemplates.Syntax;

internal enum TokenKind
{
    Data,
    BlockStart,
    BlockEnd,
    VariableStart,
    VariableEnd,
    Name,
    Text,
    Integer,
    Float,
    Operator,
    End,
}
