namespace AttentionOperator.Gateway.Queueing;

/// <summary>Bounds of a model's queue.</summary>
internal sealed record QueueLimits
{
    /// <summary>Most requests that wait, per class.</summary>
    public int MaxPerClass { get; init; } = 1000;

    /// <summary>Most bytes of bodies that wait, over all classes.</summary>
    public long MaxBytes { get; init; } = 256L * 1024 * 1024;

    public TimeSpan InteractiveWait { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan StandardWait { get; init; } = TimeSpan.FromMinutes(1);

    public TimeSpan BatchWait { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest wait, of any class, for the first replica of a model that is scaled to zero: loading a model takes minutes.</summary>
    public TimeSpan ColdStartWait { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What has waited for longer is let through now and then before higher classes, so that nothing starves.</summary>
    public TimeSpan StarvationAfter { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Longest wait of a class that named no deadline.</summary>
    /// <param name="class">The class.</param>
    /// <param name="asleep">The model is scaled to zero, and the request is what wakes it.</param>
    public TimeSpan WaitOf(RequestClass @class, bool asleep)
    {
        var wait = @class switch
        {
            RequestClass.Interactive => InteractiveWait,
            RequestClass.Standard => StandardWait,
            _ => BatchWait,
        };
        return asleep && ColdStartWait > wait ? ColdStartWait : wait;
    }
}
