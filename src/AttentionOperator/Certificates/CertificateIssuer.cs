using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AttentionOperator.Certificates;

/// <summary>Makes authorities and what they issue: ECDSA on P-256, profiles as Go's and .NET's verifiers ask for them.</summary>
internal static class CertificateIssuer
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <returns>PEM of the certificate and of its key.</returns>
    public static (string Certificate, string Key) Authority(string name, DateTimeOffset now, CertificateLifetimes lifetimes)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.CreateSelfSigned(now - lifetimes.ClockSkew, now + lifetimes.Authority);
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <returns>PEM of the certificate and of its key.</returns>
    public static (string Certificate, string Key) Serving(string authority, string authorityKey, IReadOnlyList<string> names, DateTimeOffset now, CertificateLifetimes lifetimes)
    {
        using var issuer = X509Certificate2.CreateFromPem(authority, authorityKey);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Cut(names[0])}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, true, false));
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            alternatives.AddDnsName(name);
        }

        request.CertificateExtensions.Add(alternatives.Build());
        var end = now + lifetimes.Serving;
        var last = new DateTimeOffset(issuer.NotAfter.ToUniversalTime(), TimeSpan.Zero);
        using var certificate = request.Create(issuer, now - lifetimes.ClockSkew, end < last ? end : last, SerialNumber());
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    // A common name has at most 64 characters (RFC 5280); verifiers look at the alternative names.
    private static string Cut(string name) => name.Length <= 64 ? name : name[..64];

    private static byte[] SerialNumber()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7F;
        serial[0] |= 0x01;
        return serial;
    }
}
