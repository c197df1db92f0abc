using System.Net;

namespace AttentionOperator.Sandbox.NodeAgent.Addresses;

/// <summary>
/// Hands out addresses of a range of third octets, each to one owner. An address that was given back is used again only after all others, so
/// that a client with a stale address meets a refused connection and not another pod.
/// </summary>
internal sealed class AddressPool
{
    private const int HostsPerOctet = 254;
    private readonly Lock _gate = new();
    private readonly Func<int, int, IPAddress> _address;
    private readonly int _firstOctet;
    private readonly int _capacity;
    private readonly Dictionary<string, int> _byOwner = new(StringComparer.Ordinal);
    private readonly HashSet<int> _used = [];
    private int _next;

    public AddressPool(Func<int, int, IPAddress> address, int firstOctet, int lastOctet)
    {
        _address = address;
        _firstOctet = firstOctet;
        _capacity = (lastOctet - firstOctet + 1) * HostsPerOctet;
    }

    /// <summary>The owner's address, the same one until it is released.</summary>
    /// <exception cref="InvalidOperationException">All addresses are in use.</exception>
    public IPAddress Acquire(string owner)
    {
        lock (_gate)
        {
            if (_byOwner.TryGetValue(owner, out var existing))
            {
                return ToAddress(existing);
            }

            if (_used.Count == _capacity)
            {
                throw new InvalidOperationException($"All {_capacity} addresses of the range are in use.");
            }

            while (!_used.Add(_next))
            {
                _next = (_next + 1) % _capacity;
            }

            _byOwner[owner] = _next;
            var address = ToAddress(_next);
            _next = (_next + 1) % _capacity;
            return address;
        }
    }

    public void Release(string owner)
    {
        lock (_gate)
        {
            if (_byOwner.Remove(owner, out var index))
            {
                _used.Remove(index);
            }
        }
    }

    private IPAddress ToAddress(int index) => _address(_firstOctet + (index / HostsPerOctet), 1 + (index % HostsPerOctet));
}
