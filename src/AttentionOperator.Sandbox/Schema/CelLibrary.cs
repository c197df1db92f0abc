using AttentionOperator.Sandbox.Builtins;
using Cel;

namespace AttentionOperator.Sandbox.Schema;

/// <summary>The functions that Kubernetes adds to CEL, as far as schemas use them: quantities, sums and text helpers.</summary>
internal static class CelLibrary
{
    /// <summary>A parsed quantity inside an expression.</summary>
    internal sealed record QuantityValue(decimal Amount);

    public static CelEnvironment CreateEnvironment()
    {
        var environment = new CelEnvironment(null, null);
        environment.RegisterFunction("quantity", [typeof(string)], args => ParseQuantity((string)args[0]!));
        environment.RegisterFunction("isQuantity", [typeof(string)], args => Quantity.TryParse((string)args[0]!, out _));
        environment.RegisterFunction("isGreaterThan", [typeof(QuantityValue), typeof(QuantityValue)], args => Amount(args[0]) > Amount(args[1]));
        environment.RegisterFunction("isLessThan", [typeof(QuantityValue), typeof(QuantityValue)], args => Amount(args[0]) < Amount(args[1]));
        environment.RegisterFunction("compareTo", [typeof(QuantityValue), typeof(QuantityValue)], args => (long)Amount(args[0]).CompareTo(Amount(args[1])));
        environment.RegisterFunction("sign", [typeof(QuantityValue)], args => (long)Math.Sign(Amount(args[0])));
        environment.RegisterFunction("lowerAscii", [typeof(string)], args => ((string)args[0]!).ToLowerInvariant());
        environment.RegisterFunction("upperAscii", [typeof(string)], args => ((string)args[0]!).ToUpperInvariant());
        environment.RegisterFunction("trim", [typeof(string)], args => ((string)args[0]!).Trim());
        environment.RegisterFunction("split", [typeof(string), typeof(string)], args => ((string)args[0]!).Split((string)args[1]!).Cast<object?>().ToArray());
        environment.RegisterFunction("replace", [typeof(string), typeof(string), typeof(string)], args => ((string)args[0]!).Replace((string)args[1]!, (string)args[2]!, StringComparison.Ordinal));
        environment.RegisterFunction("isURL", [typeof(string)], args => Uri.TryCreate((string)args[0]!, UriKind.Absolute, out _));
        environment.RegisterFunction("sum", [typeof(object[])], args => Sum((object?[])args[0]!));
        environment.RegisterFunction("isSorted", [typeof(object[])], args => IsSorted((object?[])args[0]!));
        return environment;
    }

    private static QuantityValue ParseQuantity(string text) =>
        Quantity.TryParse(text, out var amount) ? new QuantityValue(amount) : throw new CelArgumentRangeException($"quantity('{text}') is not a quantity");

    private static decimal Amount(object? value) => ((QuantityValue)value!).Amount;

    private static object Sum(object?[] items) => items.Any(i => i is double)
        ? items.Sum(i => i is long whole ? whole : (double)i!)
        : items.Sum(i => (long)i!);

    private static bool IsSorted(object?[] items)
    {
        for (var i = 1; i < items.Length; i++)
        {
            var order = items[i - 1] is string left && items[i] is string right ? string.CompareOrdinal(left, right) : Comparer<object?>.Default.Compare(items[i - 1], items[i]);
            if (order > 0) return false;
        }

        return true;
    }
}
