using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Aggregation;

/// <summary>HTTP clients whose connections go to a ready endpoint of a Service, as there is no cluster network to route them.</summary>
internal sealed class ServiceConnections(ApiServices services)
{
    public HttpClient Client(ServiceTarget? service, byte[]? caBundle, bool skipVerify, X509Certificate2? clientCertificate = null)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) };
        if (service is not null)
        {
            handler.ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(Resolve(service), cancellation).ConfigureAwait(false);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            };
            handler.SslOptions.TargetHost = $"{service.Name}.{service.Namespace}.svc";
        }

        if (clientCertificate is not null) handler.SslOptions.ClientCertificates = [clientCertificate];
#pragma warning disable CA5359 // insecureSkipTLSVerify of an APIService asks for exactly this.
        if (skipVerify) handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        else if (caBundle is not null) handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) => Trusts(caBundle, certificate, errors);
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Address and port of a ready endpoint behind the Service's port.</summary>
    public IPEndPoint Resolve(ServiceTarget target)
    {
        var store = services.Context.Store;
        var service = store.Find("/services", target.Namespace, target.Name)?.Parse()
            ?? throw new ServiceUnreachableException($"service \"{target.Name}\" not found in namespace \"{target.Namespace}\"");
        var port = (service.At("spec", "ports") as JsonArray).Objects().FirstOrDefault(p => p.Integer("port") == target.Port)
            ?? throw new ServiceUnreachableException($"no service port {target.Port} found for service \"{target.Name}\"");
        foreach (var slice in store.Snapshot("discovery.k8s.io/endpointslices").Objects(target.Namespace).Where(s => s.Labels.GetValueOrDefault("kubernetes.io/service-name") == target.Name))
        {
            var parsed = slice.Parse();
            var number = parsed.Array("ports").Objects().FirstOrDefault(p => (p.Text("name") ?? "") == (port.Text("name") ?? "")).Integer("port");
            if (number is null) continue;
            foreach (var endpoint in parsed.Array("endpoints").Objects())
            {
                if (endpoint.At("conditions").Flag("ready") != false && endpoint.Array("addresses")?.FirstOrDefault().AsText() is { } address && IPAddress.TryParse(address, out var ip))
                    return new IPEndPoint(ip, (int)number.Value);
            }
        }

        throw new ServiceUnreachableException($"no endpoints available for service \"{target.Name}\"");
    }

    private static bool Trusts(byte[] caBundle, X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(Encoding.ASCII.GetString(caBundle));
        using var copy = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return chain.Build(copy);
    }
}
