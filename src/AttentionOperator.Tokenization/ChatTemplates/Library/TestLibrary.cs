using System.Numerics;
using AttentionOperator.Tokenization.ChatTemplates.Evaluation;

namespace AttentionOperator.Tokenization.ChatTemplates.Library;

/// <summary>Tests: <c>value is name</c>.</summary>
internal static class TestLibrary
{
    public static bool Apply(string name, object? value, Arguments arguments, Evaluator evaluator)
    {
        var result = name switch
        {
            "defined" => value is not Undefined,
            "undefined" => value is Undefined,
            "none" => value is null,
            "true" => value is true,
            "false" => value is false,
            "boolean" => value is bool,
            "string" => value is string,
            "number" => value is bool || Values.IsNumber(value),
            "integer" => value is long or BigInteger,
            "float" => value is double,
            "mapping" => value is OrderedDictionary<string, object?>,
            "sequence" => value is List<object?> or string or OrderedDictionary<string, object?>,
            "iterable" => value is List<object?> or string or OrderedDictionary<string, object?> or Undefined,
            "callable" => value is TemplateFunction,
            "odd" => Integer(value, arguments) % 2 != 0,
            "even" => Integer(value, arguments) % 2 == 0,
            "divisibleby" => Divides(value, arguments),
            "lower" => value is string text && text.Any(char.IsLower) && !text.Any(char.IsUpper),
            "upper" => value is string text && text.Any(char.IsUpper) && !text.Any(char.IsLower),
            "eq" or "equalto" or "==" => Values.AreEqual(value, arguments.Require("other")),
            "ne" or "!=" => !Values.AreEqual(value, arguments.Require("other")),
            "lt" or "lessthan" or "<" => Order(value, arguments) < 0,
            "le" or "<=" => Order(value, arguments) <= 0,
            "gt" or "greaterthan" or ">" => Order(value, arguments) > 0,
            "ge" or ">=" => Order(value, arguments) >= 0,
            "in" => Values.Contains(arguments.Require("container"), value, arguments.Line),
            "sameas" => SameAs(value, arguments.Require("other")),
            "filter" => value is string filter && FilterLibrary.Exists(filter),
            "test" => value is string test && Exists(test, evaluator),
            _ => throw new ChatTemplateException($"the test '{name}' is not supported", arguments.Line),
        };
        arguments.End();
        return result;
    }

    private static bool Exists(string name, Evaluator evaluator)
    {
        try
        {
            Apply(name, 0L, new Arguments(name, [0L], new Dictionary<string, object?>(), 0), evaluator);
            return true;
        }
        catch (ChatTemplateException e)
        {
            return !e.Message.Contains("is not supported", StringComparison.Ordinal);
        }
    }

    private static bool SameAs(object? left, object? right) => left switch
    {
        null => right is null,
        bool b => right is bool other && b == other,
        _ => ReferenceEquals(left, right) || (left.GetType() == right?.GetType() && left is long or string && left.Equals(right)),
    };

    private static long Integer(object? value, Arguments arguments) =>
        value is long n ? n : throw arguments.Error($"needs a whole number, not {Values.TypeName(value)}");

    private static bool Divides(object? value, Arguments arguments)
    {
        var divisor = Integer(arguments.Require("num"), arguments);
        return divisor == 0 ? throw arguments.Error("divides by zero") : Integer(value, arguments) % divisor == 0;
    }

    private static int Order(object? value, Arguments arguments)
    {
        var other = arguments.Require("other");
        return Values.Compare(value, other) ?? throw arguments.Error($"does not compare {Values.TypeName(value)} and {Values.TypeName(other)}");
    }
}
