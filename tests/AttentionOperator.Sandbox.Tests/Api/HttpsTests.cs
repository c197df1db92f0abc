using System.Text;
using AttentionOperator.Sandbox.Api;
using k8s;
using k8s.Models;

namespace AttentionOperator.Sandbox.Tests.Api;

public sealed class HttpsTests
{
    [Fact]
    public async Task The_kubeconfig_trusts_the_servers_certificate_and_carries_the_token()
    {
        using var certificate = TestCertificates.SelfSigned("127.0.0.1");
        await using var api = await ApiTestServer.StartAsync(new SandboxApiServerOptions { Certificate = certificate, Token = "secret" });
        Assert.Equal("https", api.Server.Uri.Scheme);
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(api.Server.KubeConfig));
        using var client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(file));

        var created = await client.CoreV1.CreateNamespacedConfigMapAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "m" } }, "default");

        Assert.Equal("m", created.Metadata.Name);
        Assert.Equal(200, (await api.SendAsync("GET", $"{ApiTestServer.ConfigMaps}/m", token: "secret")).Code);
        Assert.Equal(401, (await api.SendAsync("GET", $"{ApiTestServer.ConfigMaps}/m")).Code);
    }

    [Fact]
    public async Task Only_loopback_addresses_are_listened_on()
    {
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => SandboxApiServer.StartAsync(new SandboxApiServerOptions { Address = System.Net.IPAddress.Any }));
        Assert.Contains("loopback", refused.Message, StringComparison.Ordinal);
    }
}
