using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace AttentionOperator.Sandbox.Api;

/// <summary>How the API server listens, keeps its objects and knows its clients.</summary>
public sealed record SandboxApiServerOptions
{
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>0 takes a free port.</summary>
    public int Port { get; init; }

    /// <summary>Serves HTTPS with this certificate; plain HTTP without.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>The administrator's bearer token. Null lets everyone on this machine in as administrator.</summary>
    public string? Token { get; init; }

    /// <summary>Where objects survive a restart; null keeps them in memory only.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Changes kept per resource for watches and pages from older versions.</summary>
    public int HistoryCapacity { get; init; } = 20_000;

    /// <summary>
    /// Whether watches and pages from before a restart go on, as far as the data directory still tells every change. Without it they get 410, as from an API server
    /// whose watch cache is new.
    /// </summary>
    public bool KeepsHistory { get; init; }

    /// <summary>Interval of watch bookmarks.</summary>
    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether users other than the administrator need RBAC roles. Service accounts are such users.</summary>
    public bool EnforceRbac { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where pod logs come from; null answers that there are none.</summary>
    public IPodLogSource? PodLogs { get; set; }
}
