using System.Globalization;
using AttentionOperator.GatewayBench.Runtimes;

namespace AttentionOperator.GatewayBench.Phases;

/// <summary>The pods of a model that somebody kills, drains and rolls.</summary>
internal sealed class ChaosFleet(BenchContext context, string model, MockBehaviour behaviour) : IDisposable
{
    private const int Replicas = 4;
    private readonly List<MockPod> pods = [];
    private int generation;

    private string Revision => string.Create(CultureInfo.InvariantCulture, $"rev-{generation}");

    public async Task StartAsync(CancellationToken cancellation)
    {
        pods.AddRange(Enumerable.Range(0, Replicas).Select(_ => new MockPod(context.Address, behaviour)));
        await PublishAsync(cancellation);
        await context.Cluster.SetTrafficAsync(model, cancellation, (Revision, 100));
    }

    /// <summary>Kills, drains or rolls about three times a second; says how often each happened.</summary>
    public async Task<string> DisturbAsync(TimeSpan time, Random random, CancellationToken cancellation)
    {
        int kills = 0, drains = 0, rolls = 0;
        var start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < time)
        {
            await Task.Delay(300, cancellation);
#pragma warning disable CA5394 // Picks what happens next; nothing secret.
            var (what, victim) = (random.Next(5), random.Next(Replicas));
#pragma warning restore CA5394
            switch (what)
            {
                case 0 or 1:
                    kills++;
                    pods[victim].Dispose();
                    await ReplaceAsync(victim, cancellation);
                    break;
                case 2 or 3:
                    drains++;
                    var leaving = pods[victim];
                    leaving.Drain();
                    await ReplaceAsync(victim, cancellation);
                    await EndAsync(leaving, cancellation);
                    break;
                default:
                    rolls++;
                    await RollAsync(cancellation);
                    break;
            }
        }

        return $"{kills} kills, {drains} drains and {rolls} rolls to a new revision";
    }

    public void Dispose() => pods.ForEach(p => p.Dispose());

    /// <summary>The API learns of a pod's end later than its clients do, as in a cluster.</summary>
    private async Task ReplaceAsync(int victim, CancellationToken cancellation)
    {
        await Task.Delay(100, cancellation);
        pods[victim] = new MockPod(context.Address, behaviour);
        await PublishAsync(cancellation);
    }

    /// <summary>The new revision gets half of the traffic, then all; the old one drains.</summary>
    private async Task RollAsync(CancellationToken cancellation)
    {
        var (before, old) = (Revision, pods.ToList());
        generation++;
        pods.Clear();
        pods.AddRange(Enumerable.Range(0, Replicas).Select(_ => new MockPod(context.Address, behaviour)));
        await PublishAsync(cancellation);
        await context.Cluster.SetTrafficAsync(model, cancellation, (before, 50), (Revision, 50));
        await Task.Delay(100, cancellation);
        await context.Cluster.SetTrafficAsync(model, cancellation, (Revision, 100));
        // A roll takes a revision's pods one after the other, and the last only when its streams are over: nobody else could go on with them.
        foreach (var pod in old)
        {
            while (pod.Running > 0)
            {
                await Task.Delay(5, cancellation);
            }

            pod.Drain();
        }

        await context.Cluster.SetPodsAsync(model, before, [], cancellation);
        old.ForEach(p => p.Dispose());
    }

    private static async Task EndAsync(MockPod pod, CancellationToken cancellation)
    {
        while (pod.Running > 0)
        {
            await Task.Delay(5, cancellation);
        }

        pod.Dispose();
    }

    private Task PublishAsync(CancellationToken cancellation) => context.Cluster.SetPodsAsync(model, Revision, [.. pods.Select(p => p.EndPoint)], cancellation);
}
