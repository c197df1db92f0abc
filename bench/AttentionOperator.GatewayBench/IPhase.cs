namespace AttentionOperator.GatewayBench;

/// <summary>One part of the benchmark, with models and mock runtimes of its own.</summary>
internal interface IPhase
{
    string Name { get; }

    Task RunAsync(BenchContext context, CancellationToken cancellation);
}
