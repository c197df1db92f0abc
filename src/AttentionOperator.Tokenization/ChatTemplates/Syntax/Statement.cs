namespace AttentionOperator.Tokenization.ChatTemplates.Syntax;

internal abstract record Statement(int Line);

internal sealed record Data(string Text, int Line) : Statement(Line);

internal sealed record Output(Expression Value, int Line) : Statement(Line);

internal sealed record If(IReadOnlyList<(Expression Condition, IReadOnlyList<Statement> Body)> Branches, IReadOnlyList<Statement> Else, int Line) : Statement(Line);

internal sealed record For(
    IReadOnlyList<string> Targets, Expression Iterable, Expression? Condition, IReadOnlyList<Statement> Body, IReadOnlyList<Statement> Else, int Line) : Statement(Line);

/// <summary>Assigns to names, or to an attribute of a namespace where <paramref name="Attribute"/> is set.</summary>
internal sealed record Set(IReadOnlyList<string> Targets, string? Attribute, Expression Value, int Line) : Statement(Line);

/// <summary>Assigns the text of a block, after filters.</summary>
internal sealed record SetBlock(string Target, string? Attribute, Filter? Filter, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

internal sealed record FilterBlock(Filter Filter, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

internal sealed record MacroDefinition(
    string Name, IReadOnlyList<(string Name, Expression? Default)> Parameters, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

/// <summary>A body of its own scope: <c>with</c>.</summary>
internal sealed record With(IReadOnlyList<(string Name, Expression Value)> Variables, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

/// <summary>A body in the scope around it: <c>generation</c>, which marks assistant text for training.</summary>
internal sealed record Group(IReadOnlyList<Statement> Body, int Line) : Statement(Line);

internal sealed record Break(int Line) : Statement(Line);

internal sealed record Continue(int Line) : Statement(Line);
