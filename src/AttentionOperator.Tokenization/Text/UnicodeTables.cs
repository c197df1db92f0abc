using System.Globalization;

namespace AttentionOperator.Tokenization.Text;

/// <summary>Decompositions, combining classes and compositions of the Unicode Character Database.</summary>
/// <remarks>The runtime's own <c>string.Normalize</c> does nothing under invariant globalization, which the images use to do without ICU.</remarks>
internal sealed class UnicodeTables
{
    private static readonly Lazy<UnicodeTables> Loaded = new(Load);

    private readonly Dictionary<int, int[]> canonical = [];
    private readonly Dictionary<int, int[]> compatible = [];
    private readonly Dictionary<int, byte> classes = [];
    private readonly Dictionary<long, int> compositions = [];
    private readonly HashSet<int> seconds = [];
    private readonly HashSet<int> excluded = [];

    public static UnicodeTables Instance => Loaded.Value;

    public int[]? Decomposition(int scalar, bool compatibility) =>
        canonical.TryGetValue(scalar, out var parts) || (compatibility && compatible.TryGetValue(scalar, out parts)) ? parts : null;

    public byte CombiningClass(int scalar) => scalar < 0x300 ? (byte)0 : classes.GetValueOrDefault(scalar);

    public bool TryCompose(int first, int second, out int composed) => compositions.TryGetValue(Key(first, second), out composed);

    /// <summary>Whether the scalar may combine with one before it.</summary>
    public bool IsSecond(int scalar) => seconds.Contains(scalar);

    /// <summary>Whether the scalar never survives composition.</summary>
    public bool IsExcluded(int scalar) => excluded.Contains(scalar);

    private static long Key(int first, int second) => ((long)first << 32) | (uint)second;

    private static UnicodeTables Load()
    {
        var tables = new UnicodeTables();
        using var stream = typeof(UnicodeTables).Assembly.GetManifestResourceStream("UnicodeNormalization.txt")
            ?? throw new InvalidOperationException("The resource UnicodeNormalization.txt is missing from the assembly.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line[0] == '#')
                continue;
            if (line[0] == 'X' && line[1] == ':')
                tables.excluded.UnionWith(Ranges(line.AsSpan(2).ToString()));
            else if (line[0] == 'C' && line.Contains(':', StringComparison.Ordinal))
                tables.AddClass(line);
            else
                tables.AddDecomposition(line);
        }
        foreach (var (scalar, parts) in tables.canonical)
        {
            if (parts.Length != 2 || tables.excluded.Contains(scalar))
                continue;
            tables.compositions[Key(parts[0], parts[1])] = scalar;
            tables.seconds.Add(parts[1]);
        }
        return tables;
    }

    private void AddClass(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        var value = byte.Parse(line.AsSpan(1, colon - 1), CultureInfo.InvariantCulture);
        foreach (var scalar in Ranges(line[(colon + 1)..]))
            classes[scalar] = value;
    }

    private void AddDecomposition(string line)
    {
        var sign = line.AsSpan().IndexOfAny('=', '~');
        var parts = line[(sign + 1)..].Split(' ').Select(Hex).ToArray();
        (line[sign] == '=' ? canonical : compatible)[Hex(line[..sign])] = parts;
    }

    private static IEnumerable<int> Ranges(string text)
    {
        foreach (var item in text.Split(' '))
        {
            var dash = item.IndexOf('-', StringComparison.Ordinal);
            var first = Hex(dash < 0 ? item : item[..dash]);
            var last = dash < 0 ? first : Hex(item[(dash + 1)..]);
            for (var scalar = first; scalar <= last; scalar++)
                yield return scalar;
        }
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
