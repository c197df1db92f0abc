using System.Globalization;

namespace AttentionOperator.Inference.Constrained;

/// <summary>Rules of integers within bounds, digit by digit.</summary>
internal sealed class IntegerRules
{
    /// <summary>Integers have at most 18 digits, so that every reader can hold them.</summary>
    public const long Largest = 999_999_999_999_999_999;

    private readonly Grammar grammar;
    private readonly int end;

    private IntegerRules(Grammar grammar)
    {
        this.grammar = grammar;
        end = grammar.NewState();
        grammar.Accept(end);
    }

    public static int Between(Grammar grammar, long low, long high)
    {
        var rules = new IntegerRules(grammar);
        var rule = grammar.Rule();
        var start = grammar.StartOf(rule);
        if (high >= 0) rules.Magnitudes(start, Math.Max(low, 0), high);
        if (low < 0) rules.Magnitudes(grammar.Read(start, '-'), Math.Max(-high, 1), -low);
        return rule;
    }

    private void Magnitudes(int from, long low, long high)
    {
        for (var digits = Digits(low).Length; digits <= Digits(high).Length; digits++)
        {
            var smallest = digits == 1 ? "0" : "1" + new string('0', digits - 1);
            var largest = new string('9', digits);
            SameLength(from, digits == Digits(low).Length ? Digits(low) : smallest, digits == Digits(high).Length ? Digits(high) : largest, true, true);
        }
    }

    /// <summary>Numbers of one length; the flags say which bounds still hold after the digits read so far.</summary>
    private void SameLength(int from, ReadOnlySpan<char> low, ReadOnlySpan<char> high, bool aboveLow, bool belowHigh)
    {
        if (low.IsEmpty)
        {
            grammar.Link(from, end);
            return;
        }

        var first = aboveLow ? low[0] : '0';
        var last = belowHigh ? high[0] : '9';
        if (aboveLow && belowHigh && first == last)
        {
            SameLength(grammar.Read(from, first), low[1..], high[1..], true, true);
            return;
        }

        if (aboveLow) SameLength(grammar.Read(from, first++), low[1..], high[1..], true, false);
        if (belowHigh) SameLength(grammar.Read(from, last--), low[1..], high[1..], false, true);
        if (first <= last) SameLength(grammar.Read(from, first, last), low[1..], high[1..], false, false);
    }

    private static string Digits(long value) => value.ToString(CultureInfo.InvariantCulture);
}
