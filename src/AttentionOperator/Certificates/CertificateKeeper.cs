using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Leases;
using AttentionOperator.Kube.Objects;
using k8s.Models;

namespace AttentionOperator.Certificates;

/// <summary>The leader's part: keeps the Secret as <see cref="CertificatePlan"/> says, and tells the API server whom to trust.</summary>
internal sealed class CertificateKeeper(
    KubeApi api, ObjectKey secret, IReadOnlyList<string> names, IReadOnlyList<CaBundleTarget> targets, CertificateLifetimes lifetimes, TimeProvider time, ILogger<CertificateKeeper> logger)
{
    private const string Manager = "attention-operator-certificates";

    // Targets come and are replaced without a word to us.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private static readonly ResourceKind Secrets = new("", "v1", "secrets", "Secret");

    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                var due = await KeepAsync(cancellation);
                await Task.Delay(due < Interval ? due : Interval, time, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is KubeApiException or HttpRequestException or NotLeadingException or OperationCanceledException)
            {
                CertificateLog.Failed(logger, e.Message);
                await Task.Delay(Interval, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>One pass; answers with when the next is due.</summary>
    internal async Task<TimeSpan> KeepAsync(CancellationToken cancellation)
    {
        var live = await api.GetAsync(Secrets, secret, cancellation);
        var plan = CertificatePlan.Next(CertificateBundle.FromSecret(live?.As<V1Secret>().Data), names, time.GetUtcNow(), lifetimes);
        if (plan.Change is { } change)
        {
            await WriteAsync(live, plan.Bundle, cancellation);
            CertificateLog.Changed(logger, secret.ToString(), change);
        }

        foreach (var target in targets)
        {
            await PublishAsync(target, plan.Bundle.TrustBundle, cancellation);
        }

        return plan.LookAgainAfter;
    }

    private async Task WriteAsync(KubeObject? live, CertificateBundle bundle, CancellationToken cancellation)
    {
        var document = new V1Secret
        {
            ApiVersion = "v1",
            Kind = "Secret",
            Type = "kubernetes.io/tls",
            Metadata = new V1ObjectMeta
            {
                Name = secret.Name,
                NamespaceProperty = secret.Namespace,
                // Another leader's write in between is a conflict, and the next pass reads it.
                ResourceVersion = live?.ResourceVersion,
                Labels = new Dictionary<string, string> { [LabelNames.AppPartOf] = LabelNames.Product, [LabelNames.AppComponent] = LabelNames.OperatorComponent },
            },
            Data = bundle.ToSecret(),
        };
        var json = KubeJson.Serialize(document);
        _ = live is null
            ? await api.CreateAsync(Secrets, secret.Namespace, json, cancellation)
            : await api.ReplaceAsync(Secrets, secret, json, null, cancellation);
    }

    private async Task PublishAsync(CaBundleTarget target, byte[] trust, CancellationToken cancellation)
    {
        try
        {
            var key = ObjectKey.Cluster(target.Name);
            if (await api.GetAsync(target.Resource, key, cancellation) is not { } live)
            {
                return; // Not installed.
            }

            using var document = JsonDocument.Parse(live.Json);
            if (target.Patch(document.RootElement, trust) is { } patch)
            {
                await api.ApplyAsync(target.Resource, key, patch, Manager, force: true, null, cancellation);
                CertificateLog.Published(logger, $"{target.Resource.Kind} {target.Name}");
            }
        }
        catch (KubeApiException e) when ((int)e.Status is >= 400 and < 500)
        {
            // One target that may not be written must not keep the others from being.
            CertificateLog.Failed(logger, e.Message);
        }
    }
}
