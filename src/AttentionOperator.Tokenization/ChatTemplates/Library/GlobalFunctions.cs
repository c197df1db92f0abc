using System.Globalization;
using System.Text;
using AttentionOperator.Tokenization.ChatTemplates.Evaluation;

namespace AttentionOperator.Tokenization.ChatTemplates.Library;

/// <summary>Functions that every template can call.</summary>
internal static class GlobalFunctions
{
    private const int LongestRange = 100_000;

    public static TemplateFunction? Find(string name, RenderContext context) => name switch
    {
        "raise_exception" => arguments => throw new ChatTemplateException(
            Texts.Of(arguments.Require("message")), arguments.Line, isRaisedByTemplate: true),
        "namespace" => Namespace,
        "dict" => Dict,
        "range" => arguments => Range(arguments, context),
        "strftime_now" => arguments => FormatNow(arguments, context),
        _ => null,
    };

    private static TemplateNamespace Namespace(Arguments arguments)
    {
        var space = new TemplateNamespace();
        foreach (var (name, value) in Dict(arguments))
            space.Attributes[name] = value;
        return space;
    }

    private static OrderedDictionary<string, object?> Dict(Arguments arguments)
    {
        var dict = new OrderedDictionary<string, object?>(StringComparer.Ordinal);
        if (arguments.Count > 1)
            throw arguments.Error("takes one positional argument at most");
        if (arguments.Count == 1)
        {
            foreach (var (name, value) in arguments.Positional[0] as OrderedDictionary<string, object?> ?? throw arguments.Error("needs a dict"))
                dict[name] = value;
        }
        foreach (var (name, value) in arguments.Named)
            dict[name] = value;
        return dict;
    }

    private static List<object?> Range(Arguments arguments, RenderContext context)
    {
        var first = arguments.TakeInteger("start", 0);
        var start = arguments.Count > 1 ? first : 0;
        var stop = arguments.Count > 1 ? arguments.TakeInteger("stop", 0) : first;
        var step = arguments.TakeInteger("step", 1);
        arguments.End();
        if (step == 0)
            throw arguments.Error("needs a step that is not zero");
        var count = step > 0 ? ((decimal)stop - start + step - 1) / step : ((decimal)start - stop - step - 1) / -(decimal)step;
        if (count >= LongestRange + 1)
            throw arguments.Error($"makes more than {LongestRange} items");
        var items = new List<object?>();
        for (var i = start; step > 0 ? i < stop : i > stop; i += step)
            items.Add(i);
        context.Step(arguments.Line, items.Count);
        return items;
    }

    private static string FormatNow(Arguments arguments, RenderContext context)
    {
        var format = arguments.RequireText("format");
        arguments.End();
        var now = context.TimeProvider.GetLocalNow();
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }
            // "%-d" drops leading zeros.
            var bare = format[i + 1] == '-' && i + 2 < format.Length;
            i += bare ? 2 : 1;
            var pattern = format[i] switch
            {
                'Y' => "yyyy",
                'y' => "yy",
                'm' => bare ? "%M" : "MM",
                'd' => bare ? "%d" : "dd",
                'H' => bare ? "%H" : "HH",
                'I' => bare ? "%h" : "hh",
                'M' => bare ? "%m" : "mm",
                'S' => bare ? "%s" : "ss",
                'f' => "ffffff",
                'p' => "tt",
                'B' => "MMMM",
                'b' => "MMM",
                'A' => "dddd",
                'a' => "ddd",
                'F' => "yyyy-MM-dd",
                'T' => "HH:mm:ss",
                'j' => null,
                '%' => "",
                var directive => throw arguments.Error($"does not support the directive '%{directive}'"),
            };
            if (pattern is null)
                text.Append(now.DayOfYear.ToString(bare ? "0" : "000", CultureInfo.InvariantCulture));
            else
                text.Append(pattern.Length == 0 ? "%" : now.ToString(pattern, CultureInfo.InvariantCulture));
        }
        return text.ToString();
    }
}
