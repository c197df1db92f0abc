using System.Globalization;
using AttentionOperator.Kube.Leases;

namespace AttentionOperator.Kube.Tests.Leases;

/// <summary>A lease in memory with the server's optimistic concurrency; each candidate has its own line to it, which can be cut.</summary>
internal sealed class MemoryLease
{
    private readonly Lock gate = new();
    private LeaseState? state;
    private int version;

    public LeaseState? State
    {
        get
        {
            lock (gate)
            {
                return state;
            }
        }
    }

    public void Set(LeaseRecord record)
    {
        lock (gate)
        {
            state = Next(record);
        }
    }

    public Line Connect() => new(this);

    private LeaseState Next(LeaseRecord record) => new(record, (++version).ToString(CultureInfo.InvariantCulture), default);

    internal sealed class Line(MemoryLease lease) : ILeaseStore
    {
        public string Name => "ns/lease";

        /// <summary>Every request fails.</summary>
        public bool Down { get; set; }

        /// <summary>Every request hangs until it is cancelled.</summary>
        public bool Hangs { get; set; }

        public int Updates { get; private set; }

        public async Task<LeaseState?> GetAsync(CancellationToken cancellation)
        {
            await ReachAsync(cancellation);
            return lease.State;
        }

        public async Task<LeaseState?> CreateAsync(LeaseRecord record, CancellationToken cancellation)
        {
            await ReachAsync(cancellation);
            lock (lease.gate)
            {
                return lease.state is null ? lease.state = lease.Next(record) : null;
            }
        }

        public async Task<LeaseState?> UpdateAsync(LeaseState current, LeaseRecord record, CancellationToken cancellation)
        {
            await ReachAsync(cancellation);
            lock (lease.gate)
            {
                Updates++;
                return lease.state?.Version == current.Version ? lease.state = lease.Next(record) : null;
            }
        }

        private async Task ReachAsync(CancellationToken cancellation)
        {
            await Task.Yield();
            if (Hangs)
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }

            if (Down)
            {
                throw new HttpRequestException("connection refused");
            }
        }
    }
}
