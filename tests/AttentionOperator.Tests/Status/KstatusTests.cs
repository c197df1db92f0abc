using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Serialization;

namespace AttentionOperator.Tests.Status;

/// <summary>Every status of the planner's reviewed output, read as kstatus reads it (https://github.com/kubernetes-sigs/cli-utils/tree/master/pkg/kstatus): what Flux waits for and Argo CD's script repeats.</summary>
public sealed class KstatusTests
{
    public static TheoryData<string> All => [.. Directory.EnumerateFiles(Root(), "status.yaml", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Root(), file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(All))]
    public void Every_status_is_conclusive_and_consistent(string file)
    {
        var status = YamlDocuments.Parse(File.ReadAllText(Path.Combine(Root(), file)))[0];
        Assert.NotNull(status["observedGeneration"]);
        foreach (var type in (string[])["Ready", "Reconciling", "Stalled"])
        {
            Assert.Contains(Value(status, type), (string[])["True", "False", "Unknown"]);
        }

        Assert.False(Value(status, "Reconciling") == "True" && Value(status, "Stalled") == "True", "at once reconciling and stalled");
        var read = Kstatus(status, (long)status["observedGeneration"]!);
        Assert.Equal(Value(status, "Stalled") == "True" ? "Failed" : Value(status, "Reconciling") == "True" ? "InProgress" : Value(status, "Ready") == "True" ? "Current" : "InProgress", read);
        Assert.Equal("InProgress", Kstatus(status, (long)status["observedGeneration"]! + 1));
        // Current promises that the model answers.
        Assert.True(read != "Current" || Value(status, "Ready") == "True");
    }

    /// <summary>The rules of kstatus for objects with the standard conditions, in its order.</summary>
    private static string Kstatus(JsonNode status, long generation)
    {
        if ((long)status["observedGeneration"]! != generation)
        {
            return "InProgress";
        }

        if (Value(status, "Reconciling") == "True")
        {
            return "InProgress";
        }

        if (Value(status, "Stalled") == "True")
        {
            return "Failed";
        }

        return Value(status, "Ready") is "False" or "Unknown" ? "InProgress" : "Current";
    }

    private static string? Value(JsonNode status, string type) => (string?)status["conditions"]!.AsArray().SingleOrDefault(condition => (string)condition!["type"]! == type)?["status"];

    private static string Root([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "testassets"));
}
