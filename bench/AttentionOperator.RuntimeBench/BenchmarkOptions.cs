namespace AttentionOperator.RuntimeBench;

/// <summary>What is measured.</summary>
/// <param name="LoadTime">Length of the overload.</param>
/// <param name="CalibrationTime">Length of the measurements of capacity and of interactive requests alone.</param>
/// <param name="Starts">Cold starts.</param>
/// <param name="Drains">Drained servers.</param>
/// <param name="Faults">Misbehaving clients.</param>
/// <param name="Root">The checkout.</param>
/// <param name="Configuration">Build configuration of the runtime.</param>
internal sealed record BenchmarkOptions(TimeSpan LoadTime, TimeSpan CalibrationTime, int Starts, int Drains, int Faults, string Root, string Configuration)
{
    public string Command => $"make bench-runtime LOAD_SECONDS={LoadTime.TotalSeconds}";

    public string Executable => Path.Combine(Root, "src", "AttentionOperator.Runtime", "bin", Configuration, "net10.0", "attention-runtime");

    public string Tokenizer => Path.Combine(Root, "models", "austen-v1");

    public string Embedder => Path.Combine(Root, "models", "austen-embed");
}
