using System.Security.Cryptography.X509Certificates;

namespace AttentionOperator.Serving;

/// <summary>Believes what the front-proxy headers say where they come with the front proxy's client certificate. Pure.</summary>
internal static class FrontProxyAuthenticator
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <returns>The user; null where nobody vouches for one.</returns>
    public static ProxiedUser? Authenticate(FrontProxySettings settings, X509Certificate2? certificate, IHeaderDictionary headers, DateTimeOffset now)
    {
        if (certificate is null || settings.Authorities.Length == 0 || !IsAllowed(settings, certificate) || !IsTrusted(settings, certificate, now))
        {
            return null;
        }

        var name = settings.UserHeaders.Select(header => headers[header].FirstOrDefault()).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        if (name is null)
        {
            return null;
        }

        return new ProxiedUser(
            name,
            settings.UidHeaders.Select(header => headers[header].FirstOrDefault()).FirstOrDefault(value => !string.IsNullOrEmpty(value)) ?? "",
            [.. settings.GroupHeaders.SelectMany(header => headers[header].OfType<string>()).Where(group => group.Length > 0)],
            Extra(settings, headers));
    }

    private static bool IsAllowed(FrontProxySettings settings, X509Certificate2 certificate) =>
        settings.AllowedNames.Count == 0 || settings.AllowedNames.Contains(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false), StringComparer.Ordinal);

    private static bool IsTrusted(FrontProxySettings settings, X509Certificate2 certificate, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid(ClientAuthentication));
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(settings.Authorities);
        return chain.Build(certificate);
    }

    /// <summary>Keys are lower case, with what no header name may hold escaped as in a URL.</summary>
    private static Dictionary<string, IReadOnlyList<string>> Extra(FrontProxySettings settings, IHeaderDictionary headers) => headers
        .Select(header => (Prefix: settings.ExtraPrefixes.FirstOrDefault(prefix => header.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && header.Key.Length > prefix.Length), Header: header))
        .Where(found => found.Prefix is not null)
        .GroupBy(found => Uri.UnescapeDataString(found.Header.Key[found.Prefix!.Length..]).ToLowerInvariant(), StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => (IReadOnlyList<string>)[.. group.SelectMany(found => found.Header.Value.OfType<string>())], StringComparer.Ordinal);
}
