using System.Globalization;

namespace AttentionOperator.Demand;

/// <summary>Reads the samples of some metrics out of the Prometheus text format (exposition format 0.0.4).</summary>
internal static class PrometheusText
{
    /// <param name="text">What <c>/metrics</c> answered.</param>
    /// <param name="wanted">Names of the samples to read.</param>
    /// <returns>Name, labels and value of each sample; what is no number (NaN) or no sample is left out.</returns>
    public static IEnumerable<MetricSample> Read(string text, IReadOnlySet<string> wanted)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries))
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var brace = line.IndexOf('{', StringComparison.Ordinal);
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var nameEnd = brace >= 0 && (space < 0 || brace < space) ? brace : space;
            if (nameEnd <= 0 || !wanted.Contains(line[..nameEnd]))
            {
                continue;
            }

            Dictionary<string, string> labels = [];
            var rest = nameEnd;
            if (nameEnd == brace && (rest = Labels(line, brace + 1, labels)) < 0)
            {
                continue;
            }

            var value = line.AsSpan(rest).Trim();
            var end = value.IndexOf(' ');
            if (double.TryParse(end < 0 ? value : value[..end], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            {
                yield return new MetricSample(line[..nameEnd], labels, number);
            }
        }
    }

    /// <summary>Reads labels up to the closing brace; answers with what follows it, or −1 where there is none.</summary>
    private static int Labels(string line, int at, Dictionary<string, string> labels)
    {
        while (at < line.Length && line[at] != '}')
        {
            var equals = line.IndexOf('=', at);
            if (equals < 0 || equals + 1 >= line.Length || line[equals + 1] != '"')
            {
                return -1;
            }

            var value = new System.Text.StringBuilder();
            var index = equals + 2;
            while (index < line.Length && line[index] != '"')
            {
                if (line[index] == '\\' && index + 1 < line.Length)
                {
                    index++;
                    value.Append(line[index] == 'n' ? '\n' : line[index]);
                }
                else
                {
                    value.Append(line[index]);
                }

                index++;
            }

            labels[line[at..equals].Trim()] = value.ToString();
            at = index + 1;
            while (at < line.Length && line[at] is ',' or ' ')
            {
                at++;
            }
        }

        return at < line.Length ? at + 1 : -1;
    }
}
