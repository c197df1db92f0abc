using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AttentionOperator.Bench.Results;

/// <summary>The file that every benchmark writes to <c>bench/results/&lt;name&gt;.json</c>: machine, commit, and the metrics by name.</summary>
public sealed record BenchmarkReport(string Benchmark, string Command, MachineDescription Machine, string Commit, DateTimeOffset At, IReadOnlyDictionary<string, Metric> Metrics, IReadOnlyList<string> Notes)
{
    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Tables by name, where a benchmark has any.</summary>
    public IReadOnlyDictionary<string, ResultTable>? Tables { get; init; }

    public static BenchmarkReport Create(string benchmark, string command, string root, IReadOnlyDictionary<string, Metric> metrics, params IReadOnlyList<string> notes) =>
        new(benchmark, command, MachineDescription.Read(), GitCommit.Read(root), DateTimeOffset.UtcNow, metrics, notes);

    /// <summary>The last report of that name; null where there is none.</summary>
    public static BenchmarkReport? Read(string benchmark, string root)
    {
        var path = Path.Combine(root, "bench", "results", benchmark + ".json");
        return File.Exists(path) ? JsonSerializer.Deserialize<BenchmarkReport>(File.ReadAllText(path), Layout) : null;
    }

    public string ToJson() => JsonSerializer.Serialize(this, Layout) + "\n";

    /// <summary>Writes <c>bench/results/&lt;name&gt;.json</c> under the root of the checkout.</summary>
    public void Write(string root)
    {
        var directory = Directory.CreateDirectory(Path.Combine(root, "bench", "results"));
        File.WriteAllText(Path.Combine(directory.FullName, Benchmark + ".json"), ToJson());
    }
}
