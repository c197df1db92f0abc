using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using k8s.Models;

namespace AttentionOperator.Serving;

/// <summary>How the API server vouches for its users, from the ConfigMap <c>kube-system/extension-apiserver-authentication</c> (Kubernetes documentation, "Configure the aggregation layer").</summary>
/// <param name="Authorities">PEM of the authorities of the front proxy's client certificate; empty where there is no front proxy.</param>
/// <param name="AllowedNames">Common names that the certificate may have; empty for any.</param>
/// <param name="UserHeaders">Headers with the user's name, the first that is there counts.</param>
/// <param name="GroupHeaders">Headers with one group each.</param>
/// <param name="ExtraPrefixes">Prefixes of headers with further attributes.</param>
/// <param name="UidHeaders">Headers with the user's uid.</param>
internal sealed record FrontProxySettings(
    string Authorities, IReadOnlyList<string> AllowedNames, IReadOnlyList<string> UserHeaders, IReadOnlyList<string> GroupHeaders, IReadOnlyList<string> ExtraPrefixes, IReadOnlyList<string> UidHeaders)
{
    public static readonly FrontProxySettings None = new("", [], [], [], [], []);

    /// <summary>Reads the ConfigMap; what is missing or cannot be read makes nobody known.</summary>
    public static FrontProxySettings Of(V1ConfigMap? map)
    {
        if (map?.Data is not { } data || !data.TryGetValue("requestheader-client-ca-file", out var authorities) || !HoldsCertificates(authorities))
        {
            return None;
        }

        try
        {
            return new FrontProxySettings(
                authorities,
                List(data, "requestheader-allowed-names"),
                List(data, "requestheader-username-headers"),
                List(data, "requestheader-group-headers"),
                List(data, "requestheader-extra-headers-prefix"),
                List(data, "requestheader-uid-headers"));
        }
        catch (JsonException)
        {
            return None; // A list of allowed names that cannot be read must not mean: any.
        }
    }

    private static string[] List(IDictionary<string, string> data, string entry) =>
        data.TryGetValue(entry, out var text) && text.Length > 0 ? JsonSerializer.Deserialize<string[]>(text) ?? [] : [];

    private static bool HoldsCertificates(string pem)
    {
        try
        {
            var found = new X509Certificate2Collection();
            found.ImportFromPem(pem);
            return found.Count > 0;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
