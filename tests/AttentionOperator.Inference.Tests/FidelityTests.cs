using AttentionOperator.Fidelity;

namespace AttentionOperator.Inference.Tests;

/// <summary>Every demand of the reference fixtures; the same checks as <c>make fidelity</c>.</summary>
public sealed class FidelityTests
{
    public static TheoryData<string> Names => [.. Fixtures.In(GoldenDirectory.Path)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Fixture_is_within_tolerance(string name)
    {
        var report = Fixtures.Run(GoldenDirectory.Path, name);
        Assert.Empty(report.Failures);
        Assert.NotEmpty(report.Quantities);
    }

    /// <summary>The kernels of the GPU, on the CPU.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Fixture_is_within_tolerance_with_fused_attention(string name)
    {
        var report = Fixtures.Run(GoldenDirectory.Path, name, new LoadOptions { Executor = ExecutorKind.Libtorch, FusedAttention = true });
        Assert.Empty(report.Failures);
        Assert.NotEmpty(report.Quantities);
    }
}
