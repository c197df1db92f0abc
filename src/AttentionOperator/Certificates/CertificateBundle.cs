using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace AttentionOperator.Certificates;

/// <summary>The authorities that clients trust, the newest one's key, and what servers present; as it is kept in a Secret of type kubernetes.io/tls.</summary>
/// <param name="Authorities">PEM of every trusted authority, the newest last.</param>
/// <param name="AuthorityKey">PEM of the newest authority's private key.</param>
/// <param name="Certificate">PEM of the serving certificate.</param>
/// <param name="Key">PEM of its private key.</param>
internal sealed record CertificateBundle(IReadOnlyList<string> Authorities, string AuthorityKey, string Certificate, string Key)
{
    private const string AuthoritiesEntry = "ca.crt";
    private const string AuthorityKeyEntry = "ca.key";
    private const string CertificateEntry = "tls.crt";
    private const string KeyEntry = "tls.key";

    /// <summary>What clients are told to trust, as caBundle fields hold it.</summary>
    public byte[] TrustBundle => Encoding.ASCII.GetBytes(string.Concat(Authorities.Select(pem => pem + "\n")));

    /// <summary>Reads a Secret's data; null where it holds no complete bundle, or keys that are not the certificates'.</summary>
    public static CertificateBundle? FromSecret(IDictionary<string, byte[]>? data)
    {
        if (data is null || Text(data, AuthoritiesEntry) is not { } authorities || Text(data, AuthorityKeyEntry) is not { } authorityKey
            || Text(data, CertificateEntry) is not { } certificate || Text(data, KeyEntry) is not { } key)
        {
            return null;
        }

        try
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPem(authorities);
            if (trusted.Count == 0)
            {
                return null;
            }

            var bundle = new CertificateBundle([.. trusted.Select(found => found.ExportCertificatePem())], authorityKey, certificate, key);
            foreach (var found in trusted)
            {
                found.Dispose();
            }

            using var newest = X509Certificate2.CreateFromPem(bundle.Authorities[^1], authorityKey);
            using var serving = bundle.Open();
            return bundle;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    public Dictionary<string, byte[]> ToSecret() => new(StringComparer.Ordinal)
    {
        [AuthoritiesEntry] = TrustBundle,
        [AuthorityKeyEntry] = Encoding.ASCII.GetBytes(AuthorityKey),
        [CertificateEntry] = Encoding.ASCII.GetBytes(Certificate),
        [KeyEntry] = Encoding.ASCII.GetBytes(Key),
    };

    /// <summary>The serving certificate with its key; the caller disposes it.</summary>
    public X509Certificate2 Open() => X509Certificate2.CreateFromPem(Certificate, Key);

    private static string? Text(IDictionary<string, byte[]> data, string entry) => data.TryGetValue(entry, out var bytes) && bytes.Length > 0 ? Encoding.ASCII.GetString(bytes) : null;
}
