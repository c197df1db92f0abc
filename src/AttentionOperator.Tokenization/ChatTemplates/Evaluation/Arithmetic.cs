using System.Text;

namespace AttentionOperator.Tokenization.ChatTemplates.Evaluation;

/// <summary>Operators on values, as in Python.</summary>
internal static class Arithmetic
{
    private const int LongestList = 100_000;

    public static object? Apply(string name, object? left, object? right, RenderContext context, int line)
    {
        if (name == "~")
            return Concatenate(Texts.Of(left), Texts.Of(right), context, line);
        if (left is Undefined missing)
            throw new ChatTemplateException(missing.What, line);
        if (right is Undefined other)
            throw new ChatTemplateException(other.What, line);
        switch (name)
        {
            case "+" when left is string a && right is string b:
                return Concatenate(a, b, context, line);
            case "+" when left is List<object?> a && right is List<object?> b:
                CheckList((long)a.Count + b.Count, context, line);
                return new List<object?>([.. a, .. b]);
            case "*" when left is string a && right is long count:
                return Repeat(a, count, context, line);
            case "*" when left is long count && right is string b:
                return Repeat(b, count, context, line);
            case "*" when left is List<object?> a && right is long count:
                CheckList(a.Count * Math.Max(count, 0), context, line);
                return Enumerable.Repeat(a, (int)Math.Max(count, 0)).SelectMany(i => i).ToList();
            case "%" when left is string:
                throw new ChatTemplateException("the operator '%' on strings is not supported", line);
        }
        if (Widen(left) is not { } x || Widen(right) is not { } y)
        {
            throw new ChatTemplateException(name == "+" && left is string
                ? $"can only concatenate str (not \"{Values.TypeName(right)}\") to str"
                : $"the operator '{name}' does not take {Values.TypeName(left)} and {Values.TypeName(right)}", line);
        }
        try
        {
            return x is long i && y is long j ? Whole(name, i, j, line) : Real(name, Values.ToDouble(x), Values.ToDouble(y), line);
        }
        catch (OverflowException e)
        {
            throw new ChatTemplateException($"the result of '{name}' is too large", line, inner: e);
        }
    }

    public static object? Negate(object? value, int line) => Widen(value) switch
    {
        long n => (object)(n == long.MinValue ? throw new ChatTemplateException("the result of '-' is too large", line) : -n),
        double d => -d,
        _ => throw new ChatTemplateException($"'-' does not take {Values.TypeName(value)}", line),
    };

    private static object? Widen(object? value) => value switch
    {
        bool b => (object)(b ? 1L : 0L),
        long or double => value,
        System.Numerics.BigInteger n => (double)n,
        _ => null,
    };

    private static object Whole(string name, long left, long right, int line)
    {
        switch (name)
        {
            case "+": return checked(left + right);
            case "-": return checked(left - right);
            case "*": return checked(left * right);
            case "/": return right != 0 ? (double)left / right : throw DivisionByZero(line);
            case "//":
                if (right == 0)
                    throw DivisionByZero(line);
                var quotient = checked(left / right);
                return left % right != 0 && (left < 0) != (right < 0) ? quotient - 1 : quotient;
            case "%":
                if (right == 0)
                    throw DivisionByZero(line);
                var remainder = right == -1 ? 0 : left % right;
                return remainder != 0 && (remainder < 0) != (right < 0) ? remainder + right : remainder;
            case "**":
                if (right < 0)
                    return Math.Pow(left, right);
                if (right > 64 && left is not (0 or 1 or -1))
                    throw new ChatTemplateException("the result of '**' is too large", line);
                long power = 1;
                for (long i = 0; i < (right > 64 ? right % 2 + 2 : right); i++)
                    power = checked(power * left);
                return power;
            default:
                throw new ChatTemplateException($"the operator '{name}' is not supported", line);
        }
    }

    private static double Real(string name, double left, double right, int line) => name switch
    {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" => right != 0 ? left / right : throw DivisionByZero(line),
        "//" => right != 0 ? Math.Floor(left / right) : throw DivisionByZero(line),
        "%" => right != 0 ? left - (right * Math.Floor(left / right)) : throw DivisionByZero(line),
        "**" => Math.Pow(left, right),
        _ => throw new ChatTemplateException($"the operator '{name}' is not supported", line),
    };

    private static ChatTemplateException DivisionByZero(int line) => new("division by zero", line);

    private static string Concatenate(string left, string right, RenderContext context, int line)
    {
        context.CheckLength((long)left.Length + right.Length, line);
        return left + right;
    }

    private static string Repeat(string text, long count, RenderContext context, int line)
    {
        if (count <= 0 || text.Length == 0)
            return "";
        context.CheckLength(count > int.MaxValue ? long.MaxValue : text.Length * count, line);
        return new StringBuilder(text.Length * (int)count).Insert(0, text, (int)count).ToString();
    }

    private static void CheckList(long count, RenderContext context, int line)
    {
        if (count > LongestList)
            throw new ChatTemplateException($"a list is longer than {LongestList} items", line);
        context.Step(line, count);
    }
}
