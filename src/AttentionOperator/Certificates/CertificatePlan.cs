using System.Security.Cryptography.X509Certificates;

namespace AttentionOperator.Certificates;

/// <summary>
/// What should become of a bundle now. A function of the bundle, the names and the time: everything that a rotation must remember is in the certificates' own
/// dates. An authority is replaced in three steps, so that no client ever meets a certificate that it does not trust: the new one is published beside the old,
/// then it issues, then the old one is dropped.
/// </summary>
/// <param name="Bundle">The bundle to keep.</param>
/// <param name="Change">What was changed, for the log; null where nothing was.</param>
/// <param name="LookAgainAfter">When something is due next.</param>
internal sealed record CertificatePlan(CertificateBundle Bundle, string? Change, TimeSpan LookAgainAfter)
{
    private const string AuthorityName = "attention-operator-ca";

    // The host's clock may jump; looking more often than needed costs nothing.
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(12);

    public static CertificatePlan Next(CertificateBundle? bundle, IReadOnlyList<string> names, DateTimeOffset now, CertificateLifetimes lifetimes)
    {
        if (bundle is null || !IsValid(bundle, now))
        {
            var (authority, key) = CertificateIssuer.Authority(AuthorityName, now, lifetimes);
            var serving = CertificateIssuer.Serving(authority, key, names, now, lifetimes);
            return After(new CertificateBundle([authority], key, serving.Certificate, serving.Key), bundle is null ? "created an authority" : "replaced an authority that had expired", now, lifetimes);
        }

        var newest = Dates.Of(bundle.Authorities[^1]);
        if (newest.End - now < lifetimes.AuthorityRenewal)
        {
            var (authority, key) = CertificateIssuer.Authority(AuthorityName, now, lifetimes);
            return After(bundle with { Authorities = [.. bundle.Authorities, authority], AuthorityKey = key }, "published the next authority", now, lifetimes);
        }

        var current = Dates.Of(bundle.Certificate);
        var ofNewest = IsIssuedBy(bundle.Certificate, bundle.Authorities[^1]);
        var mayIssue = bundle.Authorities.Count == 1 || now >= newest.Issued(lifetimes) + lifetimes.Overlap;
        var due = current.End - now < lifetimes.ServingRenewal || (!ofNewest && mayIssue);
        var misnamed = !names.All(name => HasName(bundle.Certificate, name));
        if (misnamed || (due && mayIssue) || current.End <= now)
        {
            var serving = CertificateIssuer.Serving(bundle.Authorities[^1], bundle.AuthorityKey, names, now, lifetimes);
            return After(bundle with { Certificate = serving.Certificate, Key = serving.Key }, misnamed ? $"issued a certificate for {string.Join(", ", names)}" : "renewed the serving certificate", now, lifetimes);
        }

        if (bundle.Authorities.Count > 1 && ofNewest && now >= current.Issued(lifetimes) + lifetimes.Overlap)
        {
            return After(bundle with { Authorities = [bundle.Authorities[^1]] }, "dropped the previous authority", now, lifetimes);
        }

        return After(bundle, null, now, lifetimes);
    }

    private static CertificatePlan After(CertificateBundle bundle, string? change, DateTimeOffset now, CertificateLifetimes lifetimes)
    {
        var newest = Dates.Of(bundle.Authorities[^1]);
        var current = Dates.Of(bundle.Certificate);
        var due = current.End - lifetimes.ServingRenewal;
        due = Earlier(due, newest.End - lifetimes.AuthorityRenewal);
        if (bundle.Authorities.Count > 1)
        {
            due = Earlier(due, (IsIssuedBy(bundle.Certificate, bundle.Authorities[^1]) ? current : newest).Issued(lifetimes) + lifetimes.Overlap);
        }

        var wait = due - now;
        return new CertificatePlan(bundle, change, wait <= TimeSpan.Zero ? TimeSpan.FromSeconds(1) : wait > LongestWait ? LongestWait : wait);
    }

    private static DateTimeOffset Earlier(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;

    private static bool IsValid(CertificateBundle bundle, DateTimeOffset now) =>
        Dates.Of(bundle.Authorities[^1]).End > now && bundle.Authorities.Any(authority => IsIssuedBy(bundle.Certificate, authority));

    private static bool IsIssuedBy(string certificate, string authority)
    {
        using var issued = X509Certificate2.CreateFromPem(certificate);
        using var issuer = X509Certificate2.CreateFromPem(authority);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        // Dates are looked at elsewhere; here it is the signature that counts.
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid | X509VerificationFlags.IgnoreCtlNotTimeValid;
        chain.ChainPolicy.CustomTrustStore.Add(issuer);
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(issued);
    }

    private static bool HasName(string certificate, string name)
    {
        using var found = X509Certificate2.CreateFromPem(certificate);
        return found.MatchesHostname(name, allowWildcards: false, allowCommonName: false);
    }

    private readonly record struct Dates(DateTimeOffset Start, DateTimeOffset End)
    {
        public static Dates Of(string pem)
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            return new Dates(certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        }

        public DateTimeOffset Issued(CertificateLifetimes lifetimes) => Start + lifetimes.ClockSkew;
    }
}
