using System.Net.Sockets;
using AttentionOperator.Sandbox.NodeAgent.Containers;
using AttentionOperator.Sandbox.NodeAgent.Processes;
using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Probes;

/// <summary>Executes what probes and lifecycle hooks ask for: an HTTP request, a TCP connection, a command in the container's environment.</summary>
internal sealed class HandlerRunner : IDisposable
{
    private const int MaximumMessageLength = 1024;
    private readonly ProcessSpawner _spawner;
    private readonly HttpClient _http;

    public HandlerRunner(ProcessSpawner spawner)
    {
        _spawner = spawner;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            // Each probe opens its own connection: a kept one would hide a listener that has stopped accepting.
            PooledConnectionLifetime = TimeSpan.Zero,
        };
#pragma warning disable CA5359 // A probe says whether something answers, not who: the kubelet does not verify either.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public async Task<ProbeResult> HttpAsync(V1HTTPGetAction action, ContainerTarget target, CancellationToken cancellationToken)
    {
        var scheme = string.Equals(action.Scheme, "HTTPS", StringComparison.OrdinalIgnoreCase) ? "https" : "http";
        var path = string.IsNullOrEmpty(action.Path) ? "/" : action.Path;
        var host = string.IsNullOrEmpty(action.Host) ? target.Address : action.Host;
        var uri = new Uri($"{scheme}://{host}:{target.Port(action.Port)}{(path.StartsWith('/') ? path : "/" + path)}");
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/sandbox");
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        foreach (var header in action.HttpHeaders ?? [])
        {
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            var code = (int)response.StatusCode;
            return code is >= 200 and < 400
                ? new ProbeResult(true, string.Empty)
                : new ProbeResult(false, $"HTTP probe failed with statuscode: {code}");
        }
        catch (HttpRequestException exception)
        {
            return new ProbeResult(false, $"Get \"{uri}\": {exception.Message}");
        }
        catch (OperationCanceledException)
        {
            return new ProbeResult(false, $"Get \"{uri}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
        }
    }

    public static async Task<ProbeResult> TcpAsync(V1TCPSocketAction action, ContainerTarget target, CancellationToken cancellationToken)
    {
        var host = string.IsNullOrEmpty(action.Host) ? target.Address : action.Host;
        var port = target.Port(action.Port);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, cancellationToken).ConfigureAwait(false);
            return new ProbeResult(true, string.Empty);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            return new ProbeResult(false, $"dial tcp {host}:{port}: {(exception is SocketException ? exception.Message : "i/o timeout")}");
        }
    }

    public async Task<ProbeResult> ExecAsync(IList<string> command, ContainerTarget target, CancellationToken cancellationToken)
    {
        var output = new BoundedText(MaximumMessageLength);
        SupervisedProcess process;
        try
        {
            process = await _spawner.StartAsync(target.Command(command), (_, line) => output.Append(line)).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ExecutableNotFoundException or System.ComponentModel.Win32Exception)
        {
            return new ProbeResult(false, exception.Message);
        }

        try
        {
            var code = await process.Exit.WaitAsync(cancellationToken).ConfigureAwait(false);
            return new ProbeResult(code == 0, output.ToString());
        }
        catch (OperationCanceledException)
        {
            process.KillGroup();
            return new ProbeResult(false, $"command timed out: \"{string.Join(' ', command)}\"");
        }
    }

    public void Dispose() => _http.Dispose();
}
