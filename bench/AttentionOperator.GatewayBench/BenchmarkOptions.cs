namespace AttentionOperator.GatewayBench;

/// <summary>What is measured, and where things are.</summary>
/// <param name="Root">The checkout.</param>
/// <param name="Configuration">Build configuration of the processes.</param>
/// <param name="Peers">Directory of unpacked peers; null = installed ones.</param>
/// <param name="Phases">Names of the phases to run; empty = all, and only then the results are written.</param>
internal sealed record BenchmarkOptions(string Root, string Configuration, string? Peers, IReadOnlyList<string> Phases)
{
    public string Executable(string project, string name) => Path.Combine(Root, "src", project, "bin", Configuration, "net10.0", name);
}
