using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AttentionOperator.Gateway.Tls;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Gateway.Tests.Integration;

public sealed class TlsOverHttpTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("gateway-tls-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task ClientsAreServedOverTls_AlsoByHttp2()
    {
        Write("one");
        await using var gateway = await GatewayUnderTest.StartAsync(o => o with { TlsDirectory = _directory });
        await using var a = await MockRuntime.StartAsync();
        gateway.Apply("chat", ("a", 100, [a]));
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            string? subject = null;
            using var handler = new HttpClientHandler
            {
                ServerCertificateCustomValidationCallback = (_, certificate, _, _) =>
                {
                    subject = certificate!.Subject;
                    return true;
                },
            };
            using var client = new HttpClient(handler) { BaseAddress = gateway.Client.BaseAddress };
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = new StringContent("""{"model":"chat"}"""), Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using var response = await client.SendAsync(request);
            Assert.Equal((HttpStatusCode.OK, version, "CN=one"), (response.StatusCode, response.Version, subject));
        }
    }

    [Fact]
    public void AChangedCertificate_IsShownWithoutARestart_AndOneThatIsBrokenIsNot()
    {
        Write("one");
        var time = new FakeTimeProvider();
        using var certificate = new ReloadingCertificate(_directory, time, NullLogger<ReloadingCertificate>.Instance);
        Assert.Equal("CN=one", certificate.Current.TargetCertificate.Subject);
        Write("two");
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("CN=two", certificate.Current.TargetCertificate.Subject);
        File.WriteAllText(Path.Combine(_directory, "tls.crt"), "half a file");
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("CN=two", certificate.Current.TargetCertificate.Subject);
        File.Delete(Path.Combine(_directory, "tls.crt"));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("CN=two", certificate.Current.TargetCertificate.Subject);
        Write("three");
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("CN=three", certificate.Current.TargetCertificate.Subject);
    }

    [Fact]
    public void ADirectoryWithoutACertificate_IsNamedAtTheStart()
    {
        var e = Assert.Throws<FormatException>(() => new ReloadingCertificate(_directory, TimeProvider.System, NullLogger<ReloadingCertificate>.Instance));
        Assert.Contains("tls.crt", e.Message, StringComparison.Ordinal);
    }

    private void Write(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(_directory, "tls.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_directory, "tls.key"), key.ExportPkcs8PrivateKeyPem());
    }
}
