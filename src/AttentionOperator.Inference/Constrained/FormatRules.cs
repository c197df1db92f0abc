namespace AttentionOperator.Inference.Constrained;

/// <summary>Strings of well-known formats (RFC 3339, RFC 9562). Narrower than the formats where exactness would cost more than it is worth: no 29 February, years 1000 to 2999.</summary>
internal sealed class FormatRules(Grammar grammar)
{
    public const string Names = "date, time, date-time, uuid";

    /// <summary>The rule of a format; null where it is not known.</summary>
    public int? Of(string format) => format switch
    {
        "date" => Quoted(Date),
        "time" => Quoted(Time),
        "date-time" => Quoted(from => Time(grammar.Read(Date(from), 'T'))),
        "uuid" => Quoted(Uuid),
        _ => null,
    };

    private int Quoted(Func<int, int> content)
    {
        var rule = grammar.Rule();
        grammar.Accept(grammar.Read(content(grammar.Read(grammar.StartOf(rule), '"')), '"'));
        return rule;
    }

    private int Date(int from)
    {
        var month = grammar.Read(Digits(grammar.Read(from, '1', '2'), 3), '-');
        var end = grammar.NewState();
        for (var number = 1; number <= 12; number++)
        {
            var day = grammar.Read(month, System.Text.Encoding.ASCII.GetBytes($"{number:D2}-"));
            var last = number == 2 ? 28 : number is 4 or 6 or 9 or 11 ? 30 : 31;
            TwoDigits(day, 1, last, end);
        }

        return end;
    }

    private int Time(int from)
    {
        var minute = grammar.Read(Between(from, 0, 23), ':');
        var seconds = Between(grammar.Read(Between(minute, 0, 59), ':'), 0, 59);
        var zone = grammar.NewState();
        grammar.Link(seconds, zone);
        var fraction = grammar.Read(seconds, '.');
        for (var digits = 0; digits < 6; digits++)
        {
            fraction = grammar.Read(fraction, '0', '9');
            grammar.Link(fraction, zone);
        }

        var end = grammar.NewState();
        grammar.Read(zone, (byte)'Z', (byte)'Z', end);
        var offset = grammar.NewState();
        grammar.Read(zone, (byte)'+', (byte)'+', offset);
        grammar.Read(zone, (byte)'-', (byte)'-', offset);
        TwoDigits(grammar.Read(Between(offset, 0, 13), ':'), 0, 59, end);
        return end;
    }

    private int Uuid(int from)
    {
        foreach (var length in (ReadOnlySpan<int>)[8, 4, 4, 4, 12])
        {
            // All groups but the first one follow a hyphen.
            if (length != 8) from = grammar.Read(from, '-');
            for (var i = 0; i < length; i++)
            {
                var next = grammar.Read(from, '0', '9');
                grammar.Read(from, (byte)'a', (byte)'f', next);
                from = next;
            }
        }

        return from;
    }

    private int Digits(int from, int count)
    {
        for (var i = 0; i < count; i++) from = grammar.Read(from, '0', '9');
        return from;
    }

    private int Between(int from, int low, int high)
    {
        var end = grammar.NewState();
        TwoDigits(from, low, high, end);
        return end;
    }

    private void TwoDigits(int from, int low, int high, int end)
    {
        for (var tens = low / 10; tens <= high / 10; tens++)
        {
            var first = tens == low / 10 ? low % 10 : 0;
            var last = tens == high / 10 ? high % 10 : 9;
            grammar.Read(grammar.Read(from, (char)('0' + tens)), (byte)('0' + first), (byte)('0' + last), end);
        }
    }
}
