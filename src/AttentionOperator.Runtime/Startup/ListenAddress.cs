using System.Net;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Runtime;

namespace AttentionOperator.Runtime.Startup;

/// <summary>Where the server listens.</summary>
internal static class ListenAddress
{
    /// <summary>
    /// <paramref name="listen"/> where it is given; else the pod's address where that is a loopback address (a pod of the Sandbox has its own), else any address.
    /// </summary>
    /// <param name="listen"><c>address:port</c> or <c>[address]:port</c>.</param>
    /// <param name="podIp">Value of <c>POD_IP</c>.</param>
    public static IPEndPoint Resolve(string? listen, string? podIp)
    {
        if (!string.IsNullOrEmpty(listen))
        {
            if (listen.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(listen, out var endpoint)) return endpoint;
            throw new StartFailureException(StartFailureReason.ConfigurationInvalid, $"--listen is '{listen}'; an address and a port are expected, for example 0.0.0.0:{PortNames.Runtime}.");
        }

        if (string.IsNullOrEmpty(podIp)) return new IPEndPoint(IPAddress.Any, PortNames.Runtime);
        if (!IPAddress.TryParse(podIp, out var address))
        {
            throw new StartFailureException(StartFailureReason.ConfigurationInvalid, $"{EnvironmentNames.PodIp} is '{podIp}', which is no IP address.");
        }

        if (IPAddress.IsLoopback(address)) return new IPEndPoint(address, PortNames.Runtime);
        return new IPEndPoint(address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, PortNames.Runtime);
    }
}
