namespace AttentionOperator.Inference.Constrained;

/// <summary>
/// Rules of JSON itself (RFC 8259). Whitespace and digits are bounded, so that an answer cannot be spent on them; strings are valid UTF-8
/// without lone surrogates, so that every reader can decode them.
/// </summary>
internal sealed class JsonRules
{
    private const int IndentationLimit = 20;
    private const int IntegerDigits = 18;
    private const int FloatDigits = 15;
    private readonly Grammar grammar;

    public JsonRules(Grammar grammar)
    {
        this.grammar = grammar;
        Space = SpaceRule();
        Character = CharacterRule();
        Text = TextRule();
        Integer = NumberRule(IntegerDigits, false);
        Number = NumberRule(FloatDigits, true);
        Boolean = Words("true", "false");
        Null = Words("null");
        Value = grammar.Rule();
        Array = ArrayRule();
        Object = ObjectRule();
        Choose(Value, [Object, Array, Text, Number, Boolean, Null]);
    }

    /// <summary>Nothing, one blank, or a line end with indentation.</summary>
    public int Space { get; }

    /// <summary>One code point inside a string.</summary>
    public int Character { get; }

    public int Text { get; }

    public int Integer { get; }

    public int Number { get; }

    public int Boolean { get; }

    public int Null { get; }

    public int Array { get; }

    public int Object { get; }

    /// <summary>Any value.</summary>
    public int Value { get; }

    /// <summary>Makes <paramref name="rule"/> a choice.</summary>
    public void Choose(int rule, IEnumerable<int> alternatives)
    {
        var end = grammar.NewState();
        grammar.Accept(end);
        foreach (var alternative in alternatives) grammar.Call(grammar.StartOf(rule), alternative, end);
    }

    private int SpaceRule()
    {
        var rule = grammar.Rule();
        var start = grammar.StartOf(rule);
        grammar.Accept(start);
        grammar.Accept(grammar.Read(start, ' '));
        var indentation = grammar.Read(start, '\n');
        for (var i = 0; i < IndentationLimit; i++)
        {
            grammar.Accept(indentation);
            indentation = grammar.Read(indentation, ' ');
        }

        grammar.Accept(indentation);
        return rule;
    }

    private int CharacterRule()
    {
        var rule = grammar.Rule();
        var start = grammar.StartOf(rule);
        var end = grammar.NewState();
        grammar.Accept(end);
        grammar.Read(start, 0x20, 0x21, end);
        grammar.Read(start, 0x23, 0x5B, end);
        grammar.Read(start, 0x5D, 0x7F, end);
        // Well-formed UTF-8, Unicode table 3-7.
        (byte Low, byte High, byte SecondLow, byte SecondHigh, int More)[] leads =
        [
            (0xC2, 0xDF, 0x80, 0xBF, 0), (0xE0, 0xE0, 0xA0, 0xBF, 1), (0xE1, 0xEC, 0x80, 0xBF, 1), (0xED, 0xED, 0x80, 0x9F, 1), (0xEE, 0xEF, 0x80, 0xBF, 1),
            (0xF0, 0xF0, 0x90, 0xBF, 2), (0xF1, 0xF3, 0x80, 0xBF, 2), (0xF4, 0xF4, 0x80, 0x8F, 2),
        ];
        foreach (var lead in leads)
        {
            var state = grammar.Read(start, lead.Low, lead.High, grammar.NewState());
            state = grammar.Read(state, lead.SecondLow, lead.SecondHigh, lead.More == 0 ? end : grammar.NewState());
            for (var left = lead.More; left > 0; left--) state = grammar.Read(state, 0x80, 0xBF, left == 1 ? end : grammar.NewState());
        }

        var escape = grammar.Read(start, '\\');
        foreach (var simple in "\"\\/bfnrt") grammar.Read(escape, (byte)simple, (byte)simple, end);
        var unicode = grammar.Read(escape, 'u');
        var plain = grammar.NewState();
        foreach (var (low, high) in new[] { ('0', '9'), ('a', 'c'), ('A', 'C'), ('e', 'f'), ('E', 'F') }) grammar.Read(unicode, (byte)low, (byte)high, plain);
        Hex(Hex(Hex(plain, null), null), end);
        var upper = grammar.NewState();
        grammar.Read(unicode, (byte)'d', (byte)'d', upper);
        grammar.Read(unicode, (byte)'D', (byte)'D', upper);
        Hex(Hex(grammar.Read(upper, '0', '7'), null), end);
        var high2 = grammar.NewState();
        foreach (var (low, high) in new[] { ('8', '9'), ('a', 'b'), ('A', 'B') }) grammar.Read(upper, (byte)low, (byte)high, high2);
        var second = grammar.Read(Hex(Hex(high2, null), null), "\\u"u8);
        var lowUpper = grammar.NewState();
        grammar.Read(second, (byte)'d', (byte)'d', lowUpper);
        grammar.Read(second, (byte)'D', (byte)'D', lowUpper);
        var lowState = grammar.NewState();
        foreach (var (low, high) in new[] { ('c', 'f'), ('C', 'F') }) grammar.Read(lowUpper, (byte)low, (byte)high, lowState);
        Hex(Hex(lowState, null), end);
        return rule;
    }

    private int Hex(int from, int? to)
    {
        var target = to ?? grammar.NewState();
        grammar.Read(from, (byte)'0', (byte)'9', target);
        grammar.Read(from, (byte)'a', (byte)'f', target);
        grammar.Read(from, (byte)'A', (byte)'F', target);
        return target;
    }

    private int TextRule()
    {
        var rule = grammar.Rule();
        var inside = grammar.Read(grammar.StartOf(rule), '"');
        grammar.Call(inside, Character, inside);
        grammar.Accept(grammar.Read(inside, '"'));
        return rule;
    }

    private int NumberRule(int digits, bool real)
    {
        var rule = grammar.Rule();
        var start = grammar.StartOf(rule);
        var unsigned = grammar.Read(start, '-');
        grammar.Link(start, unsigned);
        var whole = grammar.NewState();
        grammar.Read(unsigned, (byte)'0', (byte)'0', whole);
        Digits(grammar.Read(unsigned, '1', '9'), digits - 1, whole);
        grammar.Accept(whole);
        if (!real) return rule;

        var fraction = grammar.NewState();
        grammar.Link(whole, fraction);
        Digits(grammar.Read(grammar.Read(whole, '.'), '0', '9'), FloatDigits - 1, fraction);
        grammar.Accept(fraction);
        var exponent = grammar.NewState();
        grammar.Read(fraction, (byte)'e', (byte)'e', exponent);
        grammar.Read(fraction, (byte)'E', (byte)'E', exponent);
        var magnitude = grammar.NewState();
        grammar.Link(exponent, magnitude);
        grammar.Read(exponent, (byte)'+', (byte)'+', magnitude);
        grammar.Read(exponent, (byte)'-', (byte)'-', magnitude);
        var end = grammar.NewState();
        grammar.Accept(end);
        Digits(grammar.Read(magnitude, '0', '9'), 1, end);
        return rule;
    }

    /// <summary>Up to <paramref name="most"/> further digits, then <paramref name="end"/>.</summary>
    private void Digits(int from, int most, int end)
    {
        for (var i = 0; i < most; i++)
        {
            grammar.Link(from, end);
            from = grammar.Read(from, '0', '9');
        }

        grammar.Link(from, end);
    }

    private int Words(params string[] words)
    {
        var rule = grammar.Rule();
        foreach (var word in words) grammar.Accept(grammar.Read(grammar.StartOf(rule), System.Text.Encoding.UTF8.GetBytes(word)));
        return rule;
    }

    private int ArrayRule() => new ContainerRules(grammar, this).Array(Value, 0, null);

    private int ObjectRule() => new ContainerRules(grammar, this).Object([], Text, Value);
}
