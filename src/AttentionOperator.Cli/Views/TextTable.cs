namespace AttentionOperator.Cli.Views;

/// <summary>Columns padded to their widest cell, as kubectl prints them.</summary>
internal static class TextTable
{
    private const int Gap = 3;

    public static void Write(TextWriter output, IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        List<IReadOnlyList<string>> lines = [header, .. rows];
        var widths = header.Select((_, column) => lines.Max(line => line[column].Length)).ToList();
        foreach (var line in lines)
        {
            output.WriteLine(string.Concat(line.Select((cell, column) => column == line.Count - 1 ? cell : cell.PadRight(widths[column] + Gap))).TrimEnd());
        }
    }
}
