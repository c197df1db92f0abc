using System.Reflection;
using AttentionOperator.Api.Runtime;

namespace AttentionOperator.Packaging.Tests.Documents;

/// <summary>Every word that a condition can carry is explained, with what to do.</summary>
public sealed class ReasonTests
{
    /// <summary>All enumerations of reasons, also those that come later.</summary>
    public static TheoryData<string> Reasons() => [.. ((Assembly[])[typeof(StartFailureReason).Assembly, Assembly.Load("attention-operator")])
        .SelectMany(assembly => assembly.GetTypes())
        .Where(type => type.IsEnum && type.Name.EndsWith("Reason", StringComparison.Ordinal))
        .SelectMany(Enum.GetNames)
        .Distinct()
        .Order(StringComparer.Ordinal)];

    [Fact]
    public void The_reasons_are_found()
    {
        var reasons = Reasons().Select(row => row.Data).ToList();
        Assert.Contains("InvalidSpec", reasons);
        Assert.Contains("Unschedulable", reasons);
        Assert.Contains("OutOfMemoryPlan", reasons);
        Assert.Contains("ProgressDeadlineExceeded", reasons);
    }

    [Theory]
    [MemberData(nameof(Reasons))]
    public void A_reason_is_in_the_troubleshooting(string reason) =>
        Assert.Contains($"\n| `{reason}` |", Repository.Read("docs", "troubleshooting.md"), StringComparison.Ordinal);
}
