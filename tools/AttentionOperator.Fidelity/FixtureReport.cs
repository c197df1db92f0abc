namespace AttentionOperator.Fidelity;

/// <summary>What one fixture's checks found: the largest deviation of each quantity against its tolerance, and the mismatches of exact ones.</summary>
public sealed class FixtureReport(string name)
{
    private readonly Dictionary<string, Quantity> _quantities = [];
    private readonly List<string> _failures = [];

    public string Name { get; } = name;

    public IReadOnlyDictionary<string, Quantity> Quantities => _quantities;

    /// <summary>What is wrong, one line each.</summary>
    public IReadOnlyList<string> Failures => _failures;

    /// <summary>Records |actual − expected|; NaN fails.</summary>
    public void Close(string quantity, double actual, double expected, double tolerance, string where)
    {
        var deviation = actual.Equals(expected) ? 0 : Math.Abs(actual - expected);
        var before = _quantities.GetValueOrDefault(quantity, new Quantity(0, tolerance, 0));
        _quantities[quantity] = before with { Deviation = double.IsNaN(deviation) ? deviation : Math.Max(before.Deviation, deviation), Count = before.Count + 1 };
        if (!(deviation <= tolerance))
            Fail($"{quantity} {where}: {actual:G8}, expected {expected:G8} (± {tolerance:G3})");
    }

    public void Close(string quantity, ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, double tolerance, string where)
    {
        if (actual.Length != expected.Length)
        {
            Fail($"{quantity} {where}: {actual.Length} values, expected {expected.Length}");
            return;
        }

        for (var i = 0; i < actual.Length; i++)
            Close(quantity, actual[i], expected[i], tolerance, $"{where}[{i}]");
    }

    public void Same<T>(string quantity, T actual, T expected, string where)
    {
        var same = EqualityComparer<T>.Default.Equals(actual, expected);
        Exact(quantity, same);
        if (!same)
            Fail($"{quantity} {where}: {Show(actual)}, expected {Show(expected)}");
    }

    public void SameList<T>(string quantity, IReadOnlyList<T> actual, IReadOnlyList<T> expected, string where)
    {
        var same = actual.SequenceEqual(expected);
        Exact(quantity, same);
        if (same)
            return;
        var at = actual.Zip(expected).TakeWhile(p => EqualityComparer<T>.Default.Equals(p.First, p.Second)).Count();
        Fail($"{quantity} {where}: differs at {at}: {Show(actual.ElementAtOrDefault(at))}, expected {Show(expected.ElementAtOrDefault(at))} (lengths {actual.Count}, {expected.Count})");
    }

    public void Fail(string problem) => _failures.Add(problem);

    private void Exact(string quantity, bool same)
    {
        var before = _quantities.GetValueOrDefault(quantity, new Quantity(0, 0, 0));
        _quantities[quantity] = before with { Deviation = before.Deviation + (same ? 0 : 1), Count = before.Count + 1 };
    }

    private static string Show(object? value) => value is string text ? System.Text.Json.JsonSerializer.Serialize(text) : $"{value}";
}

/// <param name="Deviation">Largest deviation; for exact quantities (tolerance 0) the number of mismatches.</param>
/// <param name="Count">Comparisons made.</param>
public readonly record struct Quantity(double Deviation, double Tolerance, int Count);
