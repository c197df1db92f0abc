namespace AttentionOperator.Kube.Informers;

/// <summary>What an informer watches and how it behaves when the connection does not.</summary>
public sealed class InformerOptions<T>
    where T : class
{
    /// <summary>Empty for all namespaces.</summary>
    public string Namespace { get; init; } = "";

    public string? LabelSelector { get; init; }

    public string? FieldSelector { get; init; }

    /// <summary>Objects per page of a list.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>Ask for the list as a stream of events; falls back to pages where the server refuses.</summary>
    public bool StreamingList { get; init; } = true;

    /// <summary>How long a streaming list may bring nothing before the informer falls back to pages.</summary>
    public TimeSpan StreamingListPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The server ends each watch after this time; spread upwards by up to the same again, so that watches do not end together.</summary>
    public TimeSpan WatchDuration { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A watch that brings not even a bookmark for this long is taken for dead.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(3);

    public TimeSpan FirstReconnect { get; init; } = TimeSpan.FromMilliseconds(800);

    public TimeSpan LongestReconnect { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Shows every object to the handlers again at this interval; null never does.</summary>
    public TimeSpan? ResyncInterval { get; init; }

    /// <summary>Drops what nobody reads, before the object is cached. It may change its argument.</summary>
    public Func<T, T>? Trim { get; init; }

    /// <summary>Called for each object that cannot be read.</summary>
    public Action<MalformedObject>? OnMalformed { get; init; }
}
