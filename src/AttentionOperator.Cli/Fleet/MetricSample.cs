using System.Globalization;

namespace AttentionOperator.Cli.Fleet;

/// <summary>One line of a scrape in Prometheus' text format.</summary>
/// <param name="Name">Metric.</param>
/// <param name="Labels">Labels.</param>
/// <param name="Value">Value.</param>
internal sealed record MetricSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
{
    /// <summary>Reads a scrape; lines that are no samples are passed over.</summary>
    public static IEnumerable<MetricSample> Parse(string text)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (line[0] != '#' && ParseLine(line) is { } sample)
            {
                yield return sample;
            }
        }
    }

    public string Label(string name) => Labels.TryGetValue(name, out var value) ? value : "";

    private static MetricSample? ParseLine(string line)
    {
        var end = line.IndexOfAny(['{', ' ']);
        if (end <= 0)
        {
            return null;
        }

        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        var position = end;
        if (line[end] == '{' && !TryLabels(line, ref position, labels))
        {
            return null;
        }

        var value = line[position..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? new MetricSample(line[..end], labels, number) : null;
    }

    private static bool TryLabels(string line, ref int position, Dictionary<string, string> labels)
    {
        position++;
        while (position < line.Length && line[position] != '}')
        {
            var equals = line.IndexOf('=', position);
            if (equals < 0 || equals + 1 >= line.Length || line[equals + 1] != '"')
            {
                return false;
            }

            var name = line[position..equals].TrimStart(',', ' ');
            var value = new System.Text.StringBuilder();
            for (position = equals + 2; position < line.Length && line[position] != '"'; position++)
            {
                if (line[position] == '\\' && position + 1 < line.Length)
                {
                    position++;
                    value.Append(line[position] == 'n' ? '\n' : line[position]);
                }
                else
                {
                    value.Append(line[position]);
                }
            }

            labels[name] = value.ToString();
            position++;
        }

        position++;
        return position <= line.Length;
    }
}
