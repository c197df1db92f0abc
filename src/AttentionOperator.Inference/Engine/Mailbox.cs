namespace AttentionOperator.Inference.Engine;

/// <summary>What the engine's thread is asked to do with its life.</summary>
internal enum MailboxState
{
    Open,
    Draining,
    Stopping,
    Closed,
}

/// <summary>
/// The only way into the engine's thread. Two lists change hands, so a lock is held for an append or a swap only and nothing is allocated
/// once they have grown.
/// </summary>
internal sealed class Mailbox : IDisposable
{
    private readonly Lock gate = new();
    private readonly ManualResetEventSlim wake = new();
    private List<(GenerationWork Work, bool Cancel)> incoming = [];
    private List<(GenerationWork Work, bool Cancel)> taken = [];
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
    public bool TrySubmit(GenerationWork work)
    {
        lock (gate)
        {
            if (state != MailboxState.Open) return false;
            work.Ticket = tickets++;
            incoming.Add((work, false));
        }

        wake.Set();
        return true;
    }

    /// <summary>Takes effect before the next step.</summary>
    public void Cancel(GenerationWork work)
    {
        if (work.Retired) return;
        lock (gate)
        {
            if (state == MailboxState.Closed) return;
            incoming.Add((work, true));
        }

        wake.Set();
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

        wake.Set();
        return result;
    }

    public void Stop()
    {
        lock (gate)
            if (state != MailboxState.Closed) state = MailboxState.Stopping;
        wake.Set();
    }

    public bool GraceIsOver(DateTimeOffset now)
    {
        lock (gate) return now >= graceEnds;
    }

    /// <summary>Blocks until something was said.</summary>
    public void Wait() => wake.Wait();

    /// <summary>All that was said since the last call; the list belongs to the caller until the next one.</summary>
    public List<(GenerationWork Work, bool Cancel)> Take(out MailboxState asked)
    {
        // First reset, then look: whatever comes in between wakes the next round.
        wake.Reset();
        lock (gate)
        {
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

    public void Dispose() => wake.Dispose();
}
