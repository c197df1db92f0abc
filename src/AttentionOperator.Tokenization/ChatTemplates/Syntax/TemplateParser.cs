namespace AttentionOperator.Tokenization.ChatTemplates.Syntax;

/// <summary>Statements of a template.</summary>
internal sealed class TemplateParser
{
    private readonly TokenReader reader;
    private readonly ExpressionParser expressions;
    private int loops;

    private TemplateParser(List<TemplateToken> tokens)
    {
        reader = new TokenReader(tokens);
        expressions = new ExpressionParser(reader);
    }

    public static IReadOnlyList<Statement> Parse(string source)
    {
        var parser = new TemplateParser(TemplateLexer.Read(source));
        return parser.ParseBody([], "");
    }

    // Reads up to one of the given statements, which is left as the current token (behind its block start).
    private List<Statement> ParseBody(string[] ends, string opener)
    {
        reader.Enter();
        var startLine = reader.Line;
        var body = new List<Statement>();
        while (true)
        {
            var token = reader.Current;
            switch (token.Kind)
            {
                case TokenKind.End:
                    if (ends.Length > 0)
                        throw new ChatTemplateException($"the statement '{opener}' is not closed by '{ends[^1]}'", startLine);
                    reader.Leave();
                    return body;
                case TokenKind.Data:
                    body.Add(new Data(reader.Take().Text, token.Line));
                    break;
                case TokenKind.VariableStart:
                    reader.Take();
                    body.Add(new Output(expressions.ParseTuple(), token.Line));
                    reader.Expect(TokenKind.VariableEnd, "}}");
                    break;
                default:
                    reader.Take();
                    if (reader.Current.Kind == TokenKind.Name && ends.Contains(reader.Current.Text))
                    {
                        reader.Leave();
                        return body;
                    }
                    body.Add(ParseStatement());
                    break;
            }
        }
    }

    private Statement ParseStatement()
    {
        var line = reader.Line;
        var name = reader.ExpectName();
        return name switch
        {
            "if" => ParseIf(line),
            "for" => ParseFor(line),
            "set" => ParseSet(line),
            "macro" => ParseMacro(line),
            "filter" => ParseFilterBlock(line),
            "with" => ParseWith(line),
            "generation" => ParseGeneration(line),
            "break" => ParseLoopControl(new Break(line), name),
            "continue" => ParseLoopControl(new Continue(line), name),
            _ => throw new ChatTemplateException($"the statement '{name}' is not supported", line),
        };
    }

    private Statement ParseLoopControl(Statement statement, string name)
    {
        if (loops == 0)
            throw new ChatTemplateException($"the statement '{name}' is outside of a loop", statement.Line);
        EndBlock();
        return statement;
    }

    private void EndBlock() => reader.Expect(TokenKind.BlockEnd, "%}");

    private List<Statement> ParseClosedBody(string opener, string end)
    {
        EndBlock();
        var body = ParseBody([end], opener);
        reader.Take();
        EndBlock();
        return body;
    }

    private If ParseIf(int line)
    {
        var branches = new List<(Expression, IReadOnlyList<Statement>)>();
        while (true)
        {
            var condition = expressions.ParseTuple();
            EndBlock();
            branches.Add((condition, ParseBody(["elif", "else", "endif"], "if")));
            var next = reader.Take().Text;
            if (next == "elif")
                continue;
            var otherwise = next == "else" ? ParseClosedBody("else", "endif") : [];
            if (next == "endif")
                EndBlock();
            return new If(branches, otherwise, line);
        }
    }

    private For ParseFor(int line)
    {
        var targets = ParseTargets();
        if (!reader.TryName("in"))
            throw reader.Error($"'in' is expected instead of {reader.Current}");
        var iterable = expressions.Parse(withConditional: false);
        var condition = reader.TryName("if") ? expressions.Parse() : null;
        if (reader.Current.IsName("recursive"))
            throw reader.Error("the recursive loop is not supported");
        EndBlock();
        loops++;
        var body = ParseBody(["else", "endfor"], "for");
        loops--;
        var hasElse = reader.Take().Text == "else";
        var otherwise = hasElse ? ParseClosedBody("else", "endfor") : [];
        if (!hasElse)
            EndBlock();
        return new For(targets, iterable, condition, body, otherwise, line);
    }

    private List<string> ParseTargets()
    {
        var parenthesized = reader.TryOperator("(");
        var targets = new List<string> { reader.ExpectName() };
        while (reader.TryOperator(","))
            targets.Add(reader.ExpectName());
        if (parenthesized)
            reader.ExpectOperator(")");
        return targets;
    }

    private Statement ParseSet(int line)
    {
        var targets = ParseTargets();
        var attribute = targets.Count == 1 && reader.TryOperator(".") ? reader.ExpectName() : null;
        if (reader.TryOperator("="))
        {
            var value = expressions.ParseTuple();
            EndBlock();
            return new Set(targets, attribute, value, line);
        }
        if (targets.Count > 1)
            throw reader.Error("a block is assigned to one name only");
        var filter = reader.TryOperator("|") ? expressions.ParseFilters() : null;
        return new SetBlock(targets[0], attribute, filter, ParseClosedBody("set", "endset"), line);
    }

    private MacroDefinition ParseMacro(int line)
    {
        var name = reader.ExpectName();
        reader.ExpectOperator("(");
        var parameters = new List<(string, Expression?)>();
        while (!reader.TryOperator(")"))
        {
            if (parameters.Count > 0)
                reader.ExpectOperator(",");
            var parameter = reader.ExpectName();
            parameters.Add((parameter, reader.TryOperator("=") ? expressions.Parse() : null));
        }
        var outer = loops;
        loops = 0;
        var body = ParseClosedBody("macro", "endmacro");
        loops = outer;
        return new MacroDefinition(name, parameters, body, line);
    }

    private FilterBlock ParseFilterBlock(int line)
    {
        var filter = expressions.ParseFilters();
        return new FilterBlock(filter, ParseClosedBody("filter", "endfilter"), line);
    }

    private With ParseWith(int line)
    {
        var variables = new List<(string, Expression)>();
        while (reader.Current.Kind != TokenKind.BlockEnd)
        {
            if (variables.Count > 0)
                reader.ExpectOperator(",");
            var name = reader.ExpectName();
            reader.ExpectOperator("=");
            variables.Add((name, expressions.Parse()));
        }
        return new With(variables, ParseClosedBody("with", "endwith"), line);
    }

    private Group ParseGeneration(int line) => new(ParseClosedBody("generation", "endgeneration"), line);
}
