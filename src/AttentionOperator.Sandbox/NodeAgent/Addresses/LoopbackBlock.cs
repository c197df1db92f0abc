using System.Net;
using System.Net.Sockets;

namespace AttentionOperator.Sandbox.NodeAgent.Addresses;

/// <summary>
/// One /16 of 127.0.0.0/8 that this Sandbox alone uses on the machine. The claim is a listening socket in the abstract Unix name space: exclusive
/// within the network name space that the addresses belong to, and gone with the process, however it ends.
/// </summary>
internal sealed class LoopbackBlock : IDisposable
{
    private const int First = 64;
    private const int Last = 254;
    private readonly Socket _claim;

    private LoopbackBlock(int secondOctet, Socket claim)
    {
        SecondOctet = secondOctet;
        _claim = claim;
    }

    public int SecondOctet { get; }

    /// <summary>Claims the first free block.</summary>
    /// <exception cref="InvalidOperationException">All blocks are taken.</exception>
    public static LoopbackBlock Claim()
    {
        for (var octet = First; octet <= Last; octet++)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                socket.Bind(new UnixDomainSocketEndPoint($"\0attention-sandbox/127.{octet}"));
                socket.Listen(1);
                return new LoopbackBlock(octet, socket);
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                socket.Dispose();
            }
        }

        throw new InvalidOperationException($"No loopback block is free: {Last - First + 1} Sandboxes are running on this machine.");
    }

    public IPAddress Address(int thirdOctet, int fourthOctet) => new([127, (byte)SecondOctet, (byte)thirdOctet, (byte)fourthOctet]);

    public void Dispose() => _claim.Dispose();
}
