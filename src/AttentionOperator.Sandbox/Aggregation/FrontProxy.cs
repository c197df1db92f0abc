using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AttentionOperator.Sandbox.Aggregation;

/// <summary>
/// The identity with which the aggregator vouches for its users: a client certificate (CN front-proxy-client) of an own authority,
/// which extension servers find in the ConfigMap <c>kube-system/extension-apiserver-authentication</c>.
/// </summary>
internal sealed class FrontProxy : IDisposable
{
    public const string ClientName = "front-proxy-client";

    public FrontProxy(DateTimeOffset now)
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=front-proxy-ca", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authority.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        using var ca = authority.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        CaPem = ca.ExportCertificatePem();
        using var clientKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var client = new CertificateRequest($"CN={ClientName}", clientKey, HashAlgorithmName.SHA256);
        client.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], false));
        using var signed = client.Create(ca, now.AddDays(-1), now.AddYears(9), RandomNumberGenerator.GetBytes(8));
        using var withKey = signed.CopyWithPrivateKey(clientKey);
        Certificate = X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    public string CaPem { get; }

    public X509Certificate2 Certificate { get; }

    public void Dispose() => Certificate.Dispose();
}
