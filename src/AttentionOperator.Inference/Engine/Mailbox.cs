using AttentionOperator.Inference.Scheduling;

namespace AttentionOperator.Inference.Engine;

/// <summary>
/// The only way into the engine's thread. Two lists change hands, so a lock is held for an append or a swap only and nothing is allocated
/// once they have grown.
/// </summary>
internal sealed class Mailbox<TWork>
    where TWork : QueueEntry
{
    // A monitor, because the engine's thread also waits on it: unlike an event it needs no disposal, so late cancellations find it alive.
    private readonly object gate = new();
    private bool awake;
    private List<(TWork Work, bool Cancel)> incoming = [];
    private List<(TWork Work, bool Cancel)> taken = [];
    private MailboxState state;
    private EngineState closedAs;
    private DateTimeOffset graceEnds = DateTimeOffset.MaxValue;
    private TaskCompletionSource<DrainReport>? drained;
    private long tickets;

    public EngineState EngineState
    {
        get
        {
            lock (gate)
            {
                return state switch
                {
                    MailboxState.Open => EngineState.Running,
                    MailboxState.Closed => closedAs,
                    _ => EngineState.Draining,
                };
            }
        }
    }

    /// <summary>Hands over new work; false where the engine takes none any more.</summary>
    public bool TrySubmit(TWork work)
    {
        lock (gate)
        {
            if (state != MailboxState.Open) return false;
            work.Ticket = tickets++;
            incoming.Add((work, false));
        }

        Wake();
        return true;
    }

    /// <summary>Takes effect before the next step.</summary>
    public void Cancel(TWork work)
    {
        if (work.Retired) return;
        lock (gate)
        {
            if (state == MailboxState.Closed) return;
            incoming.Add((work, true));
        }

        Wake();
    }

    /// <summary>Starts draining, or shortens the grace of a drain that has begun.</summary>
    public Task<DrainReport> Drain(DateTimeOffset until)
    {
        Task<DrainReport> result;
        lock (gate)
        {
            if (state == MailboxState.Closed) return Task.FromResult(new DrainReport(0, [], []));
            if (state == MailboxState.Open) state = MailboxState.Draining;
            if (until < graceEnds) graceEnds = until;
            drained ??= new TaskCompletionSource<DrainReport>(TaskCreationOptions.RunContinuationsAsynchronously);
            result = drained.Task;
        }

        Wake();
        return result;
    }

    public void Stop()
    {
        lock (gate)
            if (state != MailboxState.Closed) state = MailboxState.Stopping;
        Wake();
    }

    public bool GraceIsOver(DateTimeOffset now)
    {
        lock (gate) return now >= graceEnds;
    }

    /// <summary>Blocks until something was said.</summary>
    public void Wait()
    {
        lock (gate)
            while (!awake) Monitor.Wait(gate);
    }

    /// <summary>Ends a <see cref="Wait"/> without saying anything.</summary>
    public void Wake()
    {
        lock (gate)
        {
            awake = true;
            Monitor.Pulse(gate);
        }
    }

    /// <summary>All that was said since the last call; the list belongs to the caller until the next one.</summary>
    public List<(TWork Work, bool Cancel)> Take(out MailboxState asked)
    {
        lock (gate)
        {
            awake = false;
            asked = state;
            (incoming, taken) = (taken, incoming);
            return taken;
        }
    }

    /// <summary>Nothing comes in after this.</summary>
    public TaskCompletionSource<DrainReport>? Close(EngineState final)
    {
        lock (gate)
        {
            state = MailboxState.Closed;
            closedAs = final;
            return drained;
        }
    }
}
