using AttentionOperator.GatewayBench.Load;
using AttentionOperator.GatewayBench.Runtimes;

namespace AttentionOperator.GatewayBench.Phases;

/// <summary>Memory over idle while prompts of 10,000 tokens come, each counted exactly.</summary>
internal sealed class LongPromptsPhase : IPhase
{
    private const int PerSecond = 10;
    private const int Tokens = 10_000;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(12);

    public string Name => "long-prompts";

    public async Task RunAsync(BenchContext context, CancellationToken cancellation)
    {
        using var runtimes = await MockProcess.StartAsync(2, context.Behaviour with { PromptTokens = Tokens, ServiceTime = TimeSpan.FromMilliseconds(500) }, context.Address, context.Directory, cancellation);
        await context.Cluster.SetPodsAsync(TenantModel.Name, TenantModel.Revision, runtimes.EndPoints, cancellation);
        await context.Gateway.UntilServesAsync(TenantModel.Plain(), cancellation);
        var idle = context.Gateway.ResidentMiB;
        var prompts = Enumerable.Range(0, 8).Select(i => Requests.Post("/v1/chat/completions", Requests.Chat(TenantModel.Name, 7_500, 8, stream: false, seed: i), TenantModel.Key)).ToList();
        using var load = new ConstantRate(context.Gateway.EndPoint, prompts, PerSecond);
        var peak = idle;
        var run = load.RunAsync(Time, cancellation);
        while (!run.IsCompleted)
        {
            peak = Math.Max(peak, context.Gateway.ResidentMiB);
            await Task.WhenAny(run, Task.Delay(100, cancellation));
        }

        var result = await run;
        context.Report("long_prompts_over_idle_mb", peak - idle, "MiB");
        context.Note($"long prompts: {prompts[0].Length / 1024} KiB each, idle {idle:F0} MiB, peak {peak:F0} MiB; {result}");
    }
}
