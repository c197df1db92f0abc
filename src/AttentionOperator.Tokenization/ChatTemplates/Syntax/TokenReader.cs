namespace AttentionOperator.Tokenization.ChatTemplates.Syntax;

/// <summary>A position in the tokens of a template.</summary>
internal sealed class TokenReader(List<TemplateToken> tokens)
{
    private const int DeepestNesting = 120;

    private int position;
    private int depth;

    public TemplateToken Current => tokens[position];

    public TemplateToken Ahead => tokens[Math.Min(position + 1, tokens.Count - 1)];

    public int Line => Current.Line;

    public TemplateToken Take()
    {
        var token = Current;
        if (token.Kind != TokenKind.End)
            position++;
        return token;
    }

    public bool TryOperator(string text)
    {
        if (!Current.IsOperator(text))
            return false;
        position++;
        return true;
    }

    public bool TryName(string text)
    {
        if (!Current.IsName(text))
            return false;
        position++;
        return true;
    }

    public void ExpectOperator(string text)
    {
        if (!TryOperator(text))
            throw Error($"'{text}' is expected instead of {Current}");
    }

    public string ExpectName()
    {
        return Current.Kind == TokenKind.Name ? Take().Text : throw Error($"a name is expected instead of {Current}");
    }

    public void Expect(TokenKind kind, string text)
    {
        if (Current.Kind != kind)
            throw Error($"'{text}' is expected instead of {Current}");
        position++;
    }

    public ChatTemplateException Error(string message) => new(message, Line);

    /// <summary>Bounds the recursion of the parser.</summary>
    public void Enter()
    {
        if (++depth > DeepestNesting)
            throw Error($"it is nested deeper than {DeepestNesting}");
    }

    public void Leave() => depth--;
}
