using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Admission;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.NodeAgent.Addresses;

namespace AttentionOperator.Sandbox.Networking;

/// <summary>
/// Gives Services cluster addresses on which something can listen: loopback addresses of the Sandbox's own block instead of the API server's 10.96.0.0/12.
/// </summary>
internal sealed class ServiceAddressPlugin : IAdmissionPlugin
{
    private const string Unreachable = "10.";
    private const int FirstOctet = 128;
    private const int Octets = 127;
    private const int HostsPerOctet = 254;
    private readonly LoopbackBlock _block;
    private int _next;

    /// <param name="block">The Sandbox's addresses.</param>
    /// <param name="random">Where to begin: after a restart the objects of before keep their addresses, and new ones should not meet them.</param>
    public ServiceAddressPlugin(LoopbackBlock block, Random random)
    {
        _block = block;
        _next = random.Next(Octets * HostsPerOctet);
    }

    public Task MutateAsync(AdmissionAttributes attributes)
    {
        if (attributes is { Operation: "CREATE", Resource.StorageKey: "/services", Object: { } service }
            && service.Object("spec") is { } spec
            && spec.Text("clusterIP")?.StartsWith(Unreachable, StringComparison.Ordinal) == true)
        {
            var index = (uint)Interlocked.Increment(ref _next) % (Octets * HostsPerOctet);
            var address = _block.Address(FirstOctet + (int)(index / HostsPerOctet), 1 + (int)(index % HostsPerOctet)).ToString();
            spec["clusterIP"] = address;
            spec["clusterIPs"] = new JsonArray(address);
        }

        return Task.CompletedTask;
    }
}
