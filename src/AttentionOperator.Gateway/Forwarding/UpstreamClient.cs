using System.Diagnostics;
using System.Net;

namespace AttentionOperator.Gateway.Forwarding;

/// <summary>The HTTP client to runtimes.</summary>
internal static class UpstreamClient
{
    public static HttpMessageInvoker Create() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = TimeSpan.FromSeconds(2),
        // An address may be given to another pod; an idle connection must not outlive its pod for long.
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        ActivityHeadersPropagator = DistributedContextPropagator.Current,
    });
}
