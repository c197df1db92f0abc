using System.Security.Cryptography.X509Certificates;
using System.Text;
using AttentionOperator.Certificates;
using CsCheck;

namespace AttentionOperator.Tests.Certificates;

public sealed class CertificatePlanTests
{
    private static readonly string[] Names = ["attention-operator.attention-system.svc", "attention-operator.attention-system.svc.cluster.local"];
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly CertificateLifetimes Short = new()
    {
        Authority = TimeSpan.FromDays(30),
        AuthorityRenewal = TimeSpan.FromDays(12),
        Serving = TimeSpan.FromDays(9),
        ServingRenewal = TimeSpan.FromDays(3),
    };

    [Fact]
    public void The_first_bundle_is_complete_and_survives_the_secret()
    {
        var plan = CertificatePlan.Next(null, Names, Start, new CertificateLifetimes());

        Assert.NotNull(plan.Change);
        var read = CertificateBundle.FromSecret(plan.Bundle.ToSecret());
        Assert.Equal(plan.Bundle.Certificate, read!.Certificate);
        Assert.True(Trusts(read.TrustBundle, read.Certificate, Start, Names[0]));
        Assert.False(Trusts(read.TrustBundle, read.Certificate, Start, "somebody-else.attention-system.svc"));
        Assert.Null(CertificatePlan.Next(read, Names, Start.AddMinutes(1), new CertificateLifetimes()).Change);
    }

    [Fact]
    public void What_cannot_be_read_is_no_bundle()
    {
        var good = CertificatePlan.Next(null, Names, Start, Short).Bundle;
        var other = CertificatePlan.Next(null, Names, Start, Short).Bundle;
        var mixed = good.ToSecret();
        mixed["tls.key"] = other.ToSecret()["tls.key"];
        Assert.Null(CertificateBundle.FromSecret(mixed));
        Assert.Null(CertificateBundle.FromSecret(null));
        Assert.Null(CertificateBundle.FromSecret(new Dictionary<string, byte[]> { ["ca.crt"] = Encoding.ASCII.GetBytes("no certificate") }));
    }

    [Fact]
    public void A_changed_name_is_served_at_once()
    {
        var bundle = CertificatePlan.Next(null, Names, Start, Short).Bundle;
        var plan = CertificatePlan.Next(bundle, ["renamed.attention-system.svc"], Start.AddMinutes(1), Short);
        Assert.NotNull(plan.Change);
        Assert.True(Trusts(bundle.TrustBundle, plan.Bundle.Certificate, Start.AddMinutes(1), "renamed.attention-system.svc"));
    }

    [Fact]
    public void An_expired_bundle_is_replaced()
    {
        var bundle = CertificatePlan.Next(null, Names, Start, Short).Bundle;
        var plan = CertificatePlan.Next(bundle, Names, Start.AddDays(40), Short);
        Assert.True(Trusts(plan.Bundle.TrustBundle, plan.Bundle.Certificate, Start.AddDays(40), Names[0]));
    }

    /// <summary>Whatever the passes' times: a certificate that any replica serves is trusted by every client, also where both hear of changes half an hour late.</summary>
    [Fact]
    public void Through_rotations_nobody_meets_a_certificate_that_he_does_not_trust() => Gen.Double[0.01, 1].Array[400].Sample(
        steps =>
        {
            var now = Start;
            CertificateBundle? bundle = null;
            var authorities = new HashSet<string>();
            var seen = new List<(DateTimeOffset At, CertificateBundle Bundle)>();
            foreach (var step in steps)
            {
                var plan = CertificatePlan.Next(bundle, Names, now, Short);
                bundle = plan.Bundle;
                authorities.Add(bundle.Authorities[^1]);
                var earlier = seen.LastOrDefault(entry => entry.At <= now.AddMinutes(-30)).Bundle ?? seen.FirstOrDefault().Bundle;
                seen.Add((now, bundle));
                if (plan.Change is not null)
                {
                    Assert.True(Trusts(bundle.TrustBundle, bundle.Certificate, now, Names[0]), $"own at {now:u} after: {plan.Change}");
                    if (earlier is not null)
                    {
                        Assert.True(Trusts(earlier.TrustBundle, bundle.Certificate, now, Names[0]), $"new certificate, old trust at {now:u} after: {plan.Change}");
                        Assert.True(Trusts(bundle.TrustBundle, earlier.Certificate, now, Names[0]), $"old certificate, new trust at {now:u} after: {plan.Change}");
                    }
                }

                Assert.True(plan.LookAgainAfter > TimeSpan.Zero);
                now += plan.LookAgainAfter * step;
            }

            Assert.True(authorities.Count > 1 || now - Start < Short.Authority, "an authority was never replaced");
        },
        iter: 3);

    private static bool Trusts(byte[] trust, string certificate, DateTimeOffset now, string name)
    {
        using var served = X509Certificate2.CreateFromPem(certificate);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(Encoding.ASCII.GetString(trust));
        return chain.Build(served) && served.MatchesHostname(name, allowCommonName: false);
    }
}
