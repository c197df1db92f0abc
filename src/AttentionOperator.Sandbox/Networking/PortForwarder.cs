using System.Net;
using System.Net.Sockets;

namespace AttentionOperator.Sandbox.Networking;

/// <summary>Listens on one address and hands each connection to one of the present targets in turn; without a target connections are reset, as they are refused in a cluster.</summary>
internal sealed class PortForwarder : IAsyncDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private readonly TcpListener _listener;
    private readonly Func<IReadOnlyList<IPEndPoint>> _targets;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _turn;

    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public PortForwarder(IPEndPoint address, Func<IReadOnlyList<IPEndPoint>> targets)
    {
        _targets = targets;
        _listener = new TcpListener(address);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token).ConfigureAwait(false);
                _ = ForwardAsync(client);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // This connection failed while it was accepted; the next may not.
            }
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                client.NoDelay = true;
                using var target = await ConnectAsync().ConfigureAwait(false);
                if (target is null)
                {
                    // A reset instead of an orderly end: the client sees that nobody was there.
                    client.Client.LingerState = new LingerOption(true, 0);
                    return;
                }

                await Task.WhenAll(CopyAsync(client, target), CopyAsync(target, client)).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // Either end is gone.
            }
        }
    }

    // Each target once, beginning with the next in turn: one that has just died refuses and the next takes over.
    private async Task<TcpClient?> ConnectAsync()
    {
        var targets = _targets();
        var turn = (uint)Interlocked.Increment(ref _turn);
        for (var i = 0; i < targets.Count; i++)
        {
            var target = new TcpClient { NoDelay = true };
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                limit.CancelAfter(ConnectTimeout);
                await target.ConnectAsync(targets[(int)((turn + (uint)i) % (uint)targets.Count)], limit.Token).ConfigureAwait(false);
                return target;
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                target.Dispose();
            }
        }

        return null;
    }

    private async Task CopyAsync(TcpClient from, TcpClient to)
    {
        await from.GetStream().CopyToAsync(to.GetStream(), _stop.Token).ConfigureAwait(false);
        to.Client.Shutdown(SocketShutdown.Send);
    }
}
