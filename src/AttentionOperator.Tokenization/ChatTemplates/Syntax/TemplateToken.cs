namespace AttentionOperator.Tokenization.ChatTemplates.Syntax;

internal readonly record struct TemplateToken(TokenKind Kind, string Text, int Line)
{
    public bool IsOperator(string text) => Kind == TokenKind.Operator && Text == text;

    public bool IsName(string text) => Kind == TokenKind.Name && Text == text;

    public override string ToString() => Kind == TokenKind.End ? "the end of the template" : $"'{Text}'";
}
