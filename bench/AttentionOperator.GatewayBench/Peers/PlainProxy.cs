using System.Net;
using System.Net.Sockets;
using AttentionOperator.Bench.Results;

namespace AttentionOperator.GatewayBench.Peers;

/// <summary>haproxy or nginx as a plain reverse proxy with keep-alive on both sides: nothing but the hop.</summary>
internal sealed class PlainProxy : IDisposable
{
    private readonly MeasuredProcess process;

    private PlainProxy(string name, MeasuredProcess process, IPEndPoint endPoint)
    {
        Name = name;
        this.process = process;
        EndPoint = endPoint;
    }

    public string Name { get; }

    public IPEndPoint EndPoint { get; }

    public static Task<PlainProxy> HaproxyAsync(PeerPrograms programs, IPAddress address, IReadOnlyList<IPEndPoint> pods, string directory, CancellationToken cancellation)
    {
        var endPoint = Free(address);
        var file = Path.Combine(directory, "haproxy.cfg");
        File.WriteAllText(file, $"""
            defaults
              mode http
              option http-keep-alive
              http-reuse always
              timeout connect 5s
              timeout client 60s
              timeout server 60s
            frontend clients
              bind {endPoint}
              default_backend pods
            backend pods
              balance roundrobin
              {string.Join("\n  ", pods.Select((p, i) => $"server pod{i} {p}"))}

            """);
        return StartAsync("haproxy", programs, ["-db", "-f", file], endPoint, cancellation);
    }

    public static Task<PlainProxy> NginxAsync(PeerPrograms programs, IPAddress address, IReadOnlyList<IPEndPoint> pods, string directory, CancellationToken cancellation)
    {
        var endPoint = Free(address);
        var file = Path.Combine(directory, "nginx.conf");
        File.WriteAllText(file, $$"""
            daemon off;
            user root;
            worker_processes auto;
            pid {{directory}}/nginx.pid;
            error_log {{directory}}/nginx.log;
            events { worker_connections 8192; }
            http {
              access_log off;
              keepalive_requests 1000000000;
              client_body_temp_path {{directory}}/nginx-body;
              proxy_temp_path {{directory}}/nginx-proxy;
              fastcgi_temp_path {{directory}}/nginx-fastcgi;
              uwsgi_temp_path {{directory}}/nginx-uwsgi;
              scgi_temp_path {{directory}}/nginx-scgi;
              upstream pods {
                {{string.Join("\n    ", pods.Select(p => $"server {p};"))}}
                keepalive 512;
                keepalive_requests 1000000000;
              }
              server {
                listen {{endPoint}};
                location / {
                  proxy_pass http://pods;
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                  proxy_buffering off;
                }
              }
            }

            """);
        return StartAsync("nginx", programs, ["-p", directory, "-e", Path.Combine(directory, "nginx.log"), "-c", file], endPoint, cancellation);
    }

    public void Dispose() => process.Dispose();

    /// <summary>An address that nobody uses now; these programs cannot say which port they were given.</summary>
    private static IPEndPoint Free(IPAddress address)
    {
        using var listener = new TcpListener(address, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }

    private static async Task<PlainProxy> StartAsync(string name, PeerPrograms programs, IReadOnlyList<string> arguments, IPEndPoint endPoint, CancellationToken cancellation)
    {
        var process = new MeasuredProcess(programs.Find(name), arguments, programs.Environment);
        var proxy = new PlainProxy(name, process, endPoint);
        while (true)
        {
            using var probe = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await probe.ConnectAsync(endPoint, cancellation);
                return proxy;
            }
            catch (SocketException) when (!process.HasExited)
            {
                await Task.Delay(20, cancellation);
            }
        }
    }
}
