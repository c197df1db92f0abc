using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AttentionOperator.Serving;
using k8s.Models;
using Microsoft.AspNetCore.Http;

namespace AttentionOperator.Tests.Serving;

public sealed class FrontProxyAuthenticatorTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    [Fact]
    public void The_front_proxys_word_is_taken()
    {
        using var ca = Authority("front-proxy-ca");
        using var client = Client(ca, "front-proxy-client");
        var headers = new HeaderDictionary { ["X-Remote-User"] = "jane", ["X-Remote-Group"] = new(["dev", "system:authenticated"]), ["X-Remote-Extra-Scopes%2Fa"] = "view", ["X-Remote-Uid"] = "7" };
        var user = FrontProxyAuthenticator.Authenticate(Settings(ca, "front-proxy-client"), client, headers, Now);
        Assert.Equal(("jane", "7"), (user!.Name, user.Uid));
        Assert.Equal(["dev", "system:authenticated"], user.Groups);
        Assert.Equal(["view"], user.Extra["scopes/a"]);
    }

    [Fact]
    public void Nobody_elses_is()
    {
        using var ca = Authority("front-proxy-ca");
        using var impostor = Authority("front-proxy-ca");
        using var client = Client(ca, "front-proxy-client");
        using var forged = Client(impostor, "front-proxy-client");
        using var server = Client(ca, "front-proxy-client", "1.3.6.1.5.5.7.3.1");
        var headers = new HeaderDictionary { ["X-Remote-User"] = "system:admin", ["X-Remote-Group"] = "system:masters" };
        var settings = Settings(ca, "front-proxy-client");
        Assert.Null(FrontProxyAuthenticator.Authenticate(settings, null, headers, Now));
        Assert.Null(FrontProxyAuthenticator.Authenticate(settings, forged, headers, Now));
        Assert.Null(FrontProxyAuthenticator.Authenticate(settings, server, headers, Now));
        Assert.Null(FrontProxyAuthenticator.Authenticate(Settings(ca, "another-client"), client, headers, Now));
        Assert.Null(FrontProxyAuthenticator.Authenticate(settings, client, headers, Now.AddYears(5)));
        Assert.Null(FrontProxyAuthenticator.Authenticate(settings, client, new HeaderDictionary(), Now));
        Assert.Null(FrontProxyAuthenticator.Authenticate(FrontProxySettings.None, client, headers, Now));
    }

    [Fact]
    public void A_list_of_names_that_cannot_be_read_allows_nobody()
    {
        using var ca = Authority("front-proxy-ca");
        var map = Map(ca, "front-proxy-client");
        map.Data["requestheader-allowed-names"] = "front-proxy-client";
        Assert.Same(FrontProxySettings.None, FrontProxySettings.Of(map));
        Assert.Same(FrontProxySettings.None, FrontProxySettings.Of(null));
    }

    private static FrontProxySettings Settings(X509Certificate2 ca, string name) => FrontProxySettings.Of(Map(ca, name));

    private static V1ConfigMap Map(X509Certificate2 ca, string name) => new()
    {
        Data = new Dictionary<string, string>
        {
            ["requestheader-client-ca-file"] = ca.ExportCertificatePem(),
            ["requestheader-allowed-names"] = $"[\"{name}\"]",
            ["requestheader-username-headers"] = "[\"X-Remote-User\"]",
            ["requestheader-group-headers"] = "[\"X-Remote-Group\"]",
            ["requestheader-extra-headers-prefix"] = "[\"X-Remote-Extra-\"]",
            ["requestheader-uid-headers"] = "[\"X-Remote-Uid\"]",
        },
    };

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(Now.AddDays(-1), Now.AddYears(1));
    }

    private static X509Certificate2 Client(X509Certificate2 ca, string name, string purpose = "1.3.6.1.5.5.7.3.2")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        return request.Create(ca, Now.AddDays(-1), Now.AddMonths(11), [1, 2, 3, 4]);
    }
}
