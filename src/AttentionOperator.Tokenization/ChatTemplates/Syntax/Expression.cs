namespace AttentionOperator.Tokenization.ChatTemplates.Syntax;

internal abstract record Expression(int Line);

internal sealed record Literal(object? Value, int Line) : Expression(Line);

internal sealed record Variable(string Name, int Line) : Expression(Line);

internal sealed record ListLiteral(IReadOnlyList<Expression> Items, bool IsTuple, int Line) : Expression(Line);

internal sealed record DictLiteral(IReadOnlyList<(Expression Key, Expression Value)> Items, int Line) : Expression(Line);

internal sealed record Unary(string Operator, Expression Operand, int Line) : Expression(Line);

internal sealed record Binary(string Operator, Expression Left, Expression Right, int Line) : Expression(Line);

/// <summary><c>a &lt; b &lt; c</c>: every neighbouring pair must hold.</summary>
internal sealed record Comparison(Expression First, IReadOnlyList<(string Operator, Expression Operand)> Rest, int Line) : Expression(Line);

internal sealed record Conditional(Expression Condition, Expression Then, Expression? Else, int Line) : Expression(Line);

/// <summary><c>a.b</c>: an attribute first, then an item.</summary>
internal sealed record Member(Expression Target, string Name, int Line) : Expression(Line);

/// <summary><c>a[b]</c>: an item first, then an attribute.</summary>
internal sealed record Subscript(Expression Target, Expression Index, int Line) : Expression(Line);

internal sealed record Slice(Expression Target, Expression? Start, Expression? Stop, Expression? Step, int Line) : Expression(Line);

internal sealed record Call(Expression Target, CallArguments Arguments, int Line) : Expression(Line);

/// <summary>A filter; without a target inside a filter block, where the target is the block's text.</summary>
internal sealed record Filter(Expression? Target, string Name, CallArguments Arguments, int Line) : Expression(Line);

internal sealed record Test(Expression Target, string Name, CallArguments Arguments, int Line) : Expression(Line);

internal sealed record CallArguments(IReadOnlyList<Expression> Positional, IReadOnlyList<(string Name, Expression Value)> Named)
{
    public static readonly CallArguments None = new([], []);
}
