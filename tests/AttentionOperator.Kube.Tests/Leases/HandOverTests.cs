using System.Net;
using AttentionOperator.Kube.Leases;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Kube.Tests.Leases;

/// <summary>Two candidates that write as fast as they can through their gates, while lines fail and come back.</summary>
public sealed class HandOverTests
{
    private enum Fault
    {
        CutA,
        CutB,
        HangA,
        HangB,
        Heal,
        Wait,
    }

    [Fact]
    public async Task UnderLoad_EachLossHandsOver()
    {
        (string Writer, int Term)[] writes = await RunAsync([Fault.Wait, Fault.CutA, Fault.CutB, Fault.HangA, Fault.Heal]);
        Assert.True(writes.Select(w => w.Term).Distinct().Count() >= 3, "leadership did not move");
        Assert.Equal(2, writes.Select(w => w.Writer).Distinct().Count());
    }

    [Fact]
    public Task UnderLoad_AnyFaults_NoTwoWritersEver() =>
        Gen.Enum<Fault>().List[3, 8].SampleAsync(async faults => Assert.NotEmpty(await RunAsync([Fault.Wait, .. faults])), iter: 6, threads: 1);

    [Fact]
    public async Task Gate_WithoutTheLease_RefusesWritesAndPassesReads()
    {
        var gate = new LeadershipGate { InnerHandler = new Sink((_, _) => { }) };
        using var client = new HttpClient(gate);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("http://kube/api/v1/pods"))).StatusCode);
        await Assert.ThrowsAsync<NotLeadingException>(() => client.DeleteAsync(new Uri("http://kube/api/v1/pods/a")));
        await Assert.ThrowsAsync<NotLeadingException>(() => client.PostAsync(new Uri("http://kube/api/v1/pods"), null));
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync(new Uri("http://kube/apis/authentication.k8s.io/v1/tokenreviews"), null)).StatusCode);
    }

    [Fact]
    public async Task Gate_WriteInFlightWhenTheTermEnds_IsCancelled()
    {
        var entered = new TaskCompletionSource();
        var gate = new LeadershipGate { InnerHandler = new Sink((_, _) => entered.SetResult(), hangs: true) };
        using var client = new HttpClient(gate);
        using var term = new CancellationTokenSource();
        gate.Open(new LeaderTerm(1, term.Token));
        Task write = client.PostAsync(new Uri("http://kube/api/v1/pods"), null);
        await entered.Task;
        await term.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
    }

    private static async Task<(string Writer, int Term)[]> RunAsync(IReadOnlyList<Fault> faults)
    {
        var world = new World();
        await using (var a = new Writer("a", world))
        await using (var b = new Writer("b", world))
        {
            foreach (Fault fault in faults)
            {
                (a.Line.Down, b.Line.Down, a.Line.Hangs, b.Line.Hangs) = (fault == Fault.CutA, fault == Fault.CutB, fault == Fault.HangA, fault == Fault.HangB);
                for (int i = 0; i < 60; i++)
                {
                    world.Advance(TimeSpan.FromMilliseconds(500));
                    await Task.Delay(2);
                }
            }
        }

        // Terms rise, and each term has one writer: whoever was replaced never writes again under its old term.
        (string Writer, int Term)[] order = world.Writes;
        Assert.Equal(order.Select(w => w.Term).Order(), order.Select(w => w.Term));
        Assert.All(order.GroupBy(w => w.Term), term => Assert.Single(term.Select(w => w.Writer).Distinct()));
        return order;
    }

    /// <summary>The clock, the lease, and a server that takes writes. Time stands still while a write is taken, as if each were instantaneous.</summary>
    private sealed class World
    {
        private readonly Lock gate = new();
        private readonly List<(string, int)> writes = [];

        public FakeTimeProvider Clock { get; } = new();

        public MemoryLease Lease { get; } = new();

        public (string Writer, int Term)[] Writes
        {
            get
            {
                lock (gate)
                {
                    return [.. writes];
                }
            }
        }

        public void Advance(TimeSpan step)
        {
            lock (gate)
            {
                Clock.Advance(step);
            }
        }

        public void Take(string writer, int term, CancellationToken cancellation)
        {
            lock (gate)
            {
                cancellation.ThrowIfCancellationRequested();
                writes.Add((writer, term));
            }
        }
    }

    private sealed class Writer : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly HttpClient client;
        private readonly World world;
        private readonly Task run;

        public Writer(string name, World world)
        {
            this.world = world;
            Line = world.Lease.Connect();
            int current = -1;
            var gate = new LeadershipGate { InnerHandler = new Sink((_, token) => world.Take(name, current, token)) };
            client = new HttpClient(gate);
            var elector = new LeaseElector(Line, new LeaseOptions { Identity = name }, NullLogger<LeaseElector>.Instance, gate, null, world.Clock, new Random(name[0]));
            run = elector.RunAsync(
                async term =>
                {
                    current = term.Number;
                    while (true)
                    {
                        // The work ignores its token on purpose: the gate alone must be enough.
                        await client.PostAsync(new Uri("http://kube/api/v1/pods"), null, CancellationToken.None);
                        await Task.Delay(1, CancellationToken.None);
                    }
                },
                stop.Token);
        }

        public MemoryLease.Line Line { get; }

        public async ValueTask DisposeAsync()
        {
            (Line.Hangs, Line.Down) = (false, false);
            await stop.CancelAsync();
            while (!run.IsCompleted)
            {
                world.Advance(TimeSpan.FromSeconds(1));
                await Task.Delay(1);
            }

            await run;
            client.Dispose();
            stop.Dispose();
        }
    }

    private sealed class Sink(Action<HttpRequestMessage, CancellationToken> sees, bool hangs = false) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            sees(request, cancellationToken);
            if (hangs)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return new HttpResponseMessage(HttpStatusCode.OK);
        }
    }
}
