using System.Globalization;
using System.Numerics;

namespace AttentionOperator.Tokenization.ChatTemplates.Syntax;

/// <summary>Expressions by precedence: conditional, or, and, not, comparison, + -, ~, * / // %, **, unary, postfix and filters.</summary>
internal sealed class ExpressionParser(TokenReader reader)
{
    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];

    /// <summary>A tuple without parentheses where there are commas, else an expression.</summary>
    public Expression ParseTuple()
    {
        var first = Parse();
        if (!reader.Current.IsOperator(","))
            return first;
        var items = new List<Expression> { first };
        while (reader.TryOperator(","))
        {
            if (reader.Current.Kind is TokenKind.BlockEnd or TokenKind.VariableEnd || reader.Current.IsOperator(")"))
                break;
            items.Add(Parse());
        }
        return new ListLiteral(items, IsTuple: true, first.Line);
    }

    public Expression Parse(bool withConditional = true)
    {
        reader.Enter();
        var expression = ParseOr();
        while (withConditional && reader.Current.IsName("if"))
        {
            var line = reader.Take().Line;
            var condition = ParseOr();
            var otherwise = reader.TryName("else") ? Parse() : null;
            expression = new Conditional(condition, expression, otherwise, line);
        }
        reader.Leave();
        return expression;
    }

    /// <summary>Filters without a target, as in <c>{% filter trim | upper %}</c>.</summary>
    public Filter ParseFilters()
    {
        var filter = ParseFilter(null);
        while (reader.TryOperator("|"))
            filter = ParseFilter(filter);
        return filter;
    }

    private Expression ParseOr()
    {
        var left = ParseAnd();
        while (reader.Current.IsName("or"))
            left = new Binary("or", left, TakeThen(ParseAnd), left.Line);
        return left;
    }

    private Expression ParseAnd()
    {
        var left = ParseNot();
        while (reader.Current.IsName("and"))
            left = new Binary("and", left, TakeThen(ParseNot), left.Line);
        return left;
    }

    private Expression ParseNot()
    {
        if (!reader.Current.IsName("not"))
            return ParseComparison();
        reader.Enter();
        var line = reader.Take().Line;
        var operand = ParseNot();
        reader.Leave();
        return new Unary("not", operand, line);
    }

    private Expression ParseComparison()
    {
        var first = ParseSum();
        var rest = new List<(string, Expression)>();
        while (true)
        {
            if (reader.Current.Kind == TokenKind.Operator && Comparisons.Contains(reader.Current.Text))
            {
                var name = reader.Take().Text;
                rest.Add((name, ParseSum()));
            }
            else if (reader.TryName("in"))
            {
                rest.Add(("in", ParseSum()));
            }
            else if (reader.Current.IsName("not") && reader.Ahead.IsName("in"))
            {
                reader.Take();
                reader.Take();
                rest.Add(("not in", ParseSum()));
            }
            else
            {
                return rest.Count == 0 ? first : new Comparison(first, rest, first.Line);
            }
        }
    }

    private Expression ParseSum() => ParseLeft(["+", "-"], ParseConcatenation);

    private Expression ParseConcatenation() => ParseLeft(["~"], ParseProduct);

    private Expression ParseProduct() => ParseLeft(["*", "/", "//", "%"], ParsePower);

    private Expression ParsePower() => ParseLeft(["**"], () => ParseUnary());

    private Expression ParseLeft(string[] operators, Func<Expression> next)
    {
        var left = next();
        while (reader.Current.Kind == TokenKind.Operator && operators.Contains(reader.Current.Text))
        {
            var token = reader.Take();
            left = new Binary(token.Text, left, next(), token.Line);
        }
        return left;
    }

    private Expression ParseUnary(bool withFilters = true)
    {
        reader.Enter();
        var line = reader.Line;
        Expression expression;
        if (reader.TryOperator("-"))
            expression = new Unary("-", ParseUnary(withFilters: false), line);
        else if (reader.TryOperator("+"))
            expression = new Unary("+", ParseUnary(withFilters: false), line);
        else
            expression = ParsePrimary();
        expression = ParsePostfix(expression);
        if (withFilters)
            expression = ParseFiltersAndTests(expression);
        reader.Leave();
        return expression;
    }

    private Expression ParsePrimary()
    {
        var token = reader.Take();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return token.Text switch
                {
                    "true" or "True" => new Literal(true, token.Line),
                    "false" or "False" => new Literal(false, token.Line),
                    "none" or "None" => new Literal(null, token.Line),
                    _ => new Variable(token.Text, token.Line),
                };
            case TokenKind.Text:
                var text = token.Text;
                while (reader.Current.Kind == TokenKind.Text)
                    text += reader.Take().Text;
                return new Literal(text, token.Line);
            case TokenKind.Integer:
                var whole = BigInteger.Parse(token.Text, CultureInfo.InvariantCulture);
                return new Literal(whole >= long.MinValue && whole <= long.MaxValue ? (object)(long)whole : whole, token.Line);
            case TokenKind.Float:
                return new Literal(double.Parse(token.Text, CultureInfo.InvariantCulture), token.Line);
            case TokenKind.Operator when token.Text == "(":
                if (reader.TryOperator(")"))
                    return new ListLiteral([], IsTuple: true, token.Line);
                var inner = ParseTuple();
                reader.ExpectOperator(")");
                return inner;
            case TokenKind.Operator when token.Text == "[":
                return new ListLiteral(ParseItems("]", () => Parse()), IsTuple: false, token.Line);
            case TokenKind.Operator when token.Text == "{":
                return new DictLiteral(ParseItems("}", ParsePair), token.Line);
            default:
                throw new ChatTemplateException($"an expression is expected instead of {token}", token.Line);
        }
    }

    private (Expression Key, Expression Value) ParsePair()
    {
        var key = Parse();
        reader.ExpectOperator(":");
        return (key, Parse());
    }

    private List<T> ParseItems<T>(string close, Func<T> parse)
    {
        var items = new List<T>();
        while (!reader.TryOperator(close))
        {
            if (items.Count > 0)
            {
                reader.ExpectOperator(",");
                if (reader.TryOperator(close))
                    break;
            }
            items.Add(parse());
        }
        return items;
    }

    private Expression ParsePostfix(Expression target)
    {
        while (true)
        {
            var line = reader.Line;
            if (reader.TryOperator("."))
            {
                target = reader.Current.Kind == TokenKind.Integer
                    ? new Subscript(target, ParsePrimary(), line)
                    : new Member(target, reader.ExpectName(), line);
            }
            else if (reader.TryOperator("["))
            {
                target = ParseSubscript(target, line);
            }
            else if (reader.Current.IsOperator("("))
            {
                target = new Call(target, ParseArguments(), line);
            }
            else
            {
                return target;
            }
        }
    }

    private Expression ParseSubscript(Expression target, int line)
    {
        Expression? start = null, stop = null, step = null;
        if (!reader.Current.IsOperator(":"))
        {
            start = Parse();
            if (reader.TryOperator("]"))
                return new Subscript(target, start, line);
        }
        reader.ExpectOperator(":");
        if (!reader.Current.IsOperator(":") && !reader.Current.IsOperator("]"))
            stop = Parse();
        if (reader.TryOperator(":") && !reader.Current.IsOperator("]"))
            step = Parse();
        reader.ExpectOperator("]");
        return new Slice(target, start, stop, step, line);
    }

    private CallArguments ParseArguments()
    {
        reader.ExpectOperator("(");
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        foreach (var _ in ParseItems(")", ParseArgument))
        {
        }
        return new CallArguments(positional, named);

        bool ParseArgument()
        {
            if (reader.Current.IsOperator("*") || reader.Current.IsOperator("**"))
                throw reader.Error($"the argument {reader.Current} (unpacking) is not supported");
            if (reader.Current.Kind == TokenKind.Name && reader.Ahead.IsOperator("="))
            {
                var name = reader.Take().Text;
                reader.Take();
                named.Add((name, Parse()));
            }
            else
            {
                positional.Add(named.Count == 0 ? Parse() : throw reader.Error("a positional argument follows a named one"));
            }
            return true;
        }
    }

    private Expression ParseFiltersAndTests(Expression target)
    {
        while (true)
        {
            if (reader.TryOperator("|"))
                target = ParseFilter(target);
            else if (reader.TryName("is"))
                target = ParseTest(target);
            else if (reader.Current.IsOperator("("))
                target = new Call(target, ParseArguments(), reader.Line);
            else
                return target;
        }
    }

    private Filter ParseFilter(Expression? target)
    {
        var line = reader.Line;
        var name = reader.ExpectName();
        while (reader.TryOperator("."))
            name += "." + reader.ExpectName();
        return new Filter(target, name, reader.Current.IsOperator("(") ? ParseArguments() : CallArguments.None, line);
    }

    private Expression ParseTest(Expression target)
    {
        var line = reader.Line;
        var negated = reader.TryName("not");
        var name = reader.ExpectName();
        var arguments = CallArguments.None;
        if (reader.Current.IsOperator("("))
        {
            arguments = ParseArguments();
        }
        else if (StartsArgument())
        {
            if (reader.Current.IsName("is"))
                throw reader.Error("tests cannot be chained");
            var argument = ParsePostfix(ParsePrimary());
            arguments = new CallArguments([argument], []);
        }
        var test = new Test(target, name, arguments, line);
        return negated ? new Unary("not", test, line) : test;
    }

    // One argument may follow a test without parentheses.
    private bool StartsArgument() => reader.Current.Kind switch
    {
        TokenKind.Name => reader.Current.Text is not ("else" or "or" or "and" or "if" or "in" or "not" or "recursive"),
        TokenKind.Text or TokenKind.Integer or TokenKind.Float => true,
        TokenKind.Operator => reader.Current.Text is "[" or "{",
        _ => false,
    };

    private Expression TakeThen(Func<Expression> next)
    {
        reader.Take();
        return next();
    }
}
