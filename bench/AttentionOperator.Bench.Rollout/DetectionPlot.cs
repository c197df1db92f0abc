using System.Globalization;
using System.Text;

namespace AttentionOperator.Bench.Rollout;

/// <summary>Draws power and delay by bad share, a column of two panels per traffic level, as SVG that reads on light and dark pages.</summary>
internal static class DetectionPlot
{
    private const int PanelWidth = 210;
    private const int PanelHeight = 150;
    private const int Left = 58;
    private const int Top = 62;
    private const int Gap = 26;

    private static readonly string[] Colours = ["#1f77b4", "#d62728", "#e08a00"];
    private static readonly (double Seconds, string Name)[] Times = [(1, "1 s"), (10, "10 s"), (60, "1 min"), (600, "10 min"), (3600, "1 h"), (86400, "1 d")];

    public static string Draw(IReadOnlyList<DetectionRow> rows)
    {
        var columns = rows.GroupBy(row => row.Scenario.Name, StringComparer.Ordinal).ToList();
        var (width, height) = (Left + (columns.Count * (PanelWidth + Gap)), Top + (2 * PanelHeight) + 92);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"11\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<title>Share of canaries rolled back, and median time until then, by true share of bad requests</title>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n");
        for (var rule = 0; rule < Colours.Length; rule++)
        {
            var x = Left + (rule * 190);
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{x}\" y1=\"16\" x2=\"{x + 26}\" y2=\"16\" stroke=\"{Colours[rule]}\" stroke-width=\"2.5\"/><text x=\"{x + 32}\" y=\"20\">{DetectionRow.Rules[rule]}</text>\n");
        }

        for (var column = 0; column < columns.Count; column++)
        {
            var scenarios = columns[column].OrderBy(row => row.Scenario.BadShare).ToList();
            var x = Left + (column * (PanelWidth + Gap));
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x + (PanelWidth / 2)}\" y=\"{Top - 10}\" text-anchor=\"middle\" font-weight=\"bold\">{columns[column].Key} requests</text>\n");
            Frame(svg, x, Top, scenarios, [(0, "0 %"), (0.25, ""), (0.5, "50 %"), (0.75, ""), (1, "100 %")], column == 0 ? "rolled back" : null, labels: false, column == 0);
            Frame(svg, x, Top + PanelHeight + 30, scenarios, [.. Times.Select(time => (Height(time.Seconds), time.Name))], column == 0 ? "median time" : null, labels: true, column == 0);
            for (var rule = 0; rule < Colours.Length; rule++)
            {
                Line(svg, x, Top, [.. scenarios.Select(row => (double?)row.Outcomes[rule].Share)], Colours[rule]);
                Line(svg, x, Top + PanelHeight + 30, [.. scenarios.Select(row => row.Outcomes[rule].Median is { } median ? Height(median) : (double?)null)], Colours[rule]);
            }
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{width / 2}\" y=\"{height - 10}\" text-anchor=\"middle\">true share of bad requests of the canary (0.1 % is the budget, 0.3 % the bound)</text>\n</svg>\n");
        return svg.ToString();
    }

    private static void Frame(StringBuilder svg, int x, int y, List<DetectionRow> scenarios, (double At, string Name)[] ticks, string? title, bool labels, bool names)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x}\" y=\"{y}\" width=\"{PanelWidth}\" height=\"{PanelHeight}\" fill=\"none\" stroke=\"#888888\"/>\n");
        foreach (var (at, name) in ticks)
        {
            var level = y + PanelHeight - (at * PanelHeight);
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{x}\" y1=\"{level:F1}\" x2=\"{x + PanelWidth}\" y2=\"{level:F1}\" stroke=\"#dddddd\"/>");
            if (names && name.Length > 0)
            {
                svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x - 6}\" y=\"{level + 4:F1}\" text-anchor=\"end\">{name}</text>");
            }

            svg.Append('\n');
        }

        if (title is not null)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text transform=\"translate(12 {y + (PanelHeight / 2)}) rotate(-90)\" text-anchor=\"middle\" font-weight=\"bold\">{title}</text>\n");
        }

        for (var i = 0; labels && i < scenarios.Count; i++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Across(x, i, scenarios.Count):F1}\" y=\"{y + PanelHeight + 16}\" text-anchor=\"middle\">{scenarios[i].Scenario.BadShare * 100:0.#} %</text>\n");
        }
    }

    private static void Line(StringBuilder svg, int x, int y, IReadOnlyList<double?> heights, string colour)
    {
        var points = heights.Index().Where(point => point.Item is not null).Select(point => (X: Across(x, point.Index, heights.Count), Y: y + PanelHeight - (point.Item!.Value * PanelHeight))).ToList();
        svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2.5\" stroke-opacity=\"0.85\" points=\"{string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:F1},{point.Y:F1}")))}\"/>\n");
        foreach (var point in points)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{point.X:F1}\" cy=\"{point.Y:F1}\" r=\"2.6\" fill=\"{colour}\"/>");
        }

        svg.Append('\n');
    }

    private static double Across(int x, int index, int count) => x + (PanelWidth * (index + 0.5) / count);

    // Logarithmic, from a second to a day.
    private static double Height(double seconds) => Math.Clamp(Math.Log(Math.Max(1, seconds)) / Math.Log(86400), 0, 1);
}
