using System.Text;
using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Objects;
using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.ServiceAccounts;

/// <summary>Gives each namespace what every namespace has: the service account <c>default</c> and the cluster's root certificate.</summary>
internal sealed class NamespaceDefaultsReconciler(ClusterCaches caches, ClusterWriter writer, byte[]? rootCertificate) : IReconciler<ObjectKey>
{
    private const string AccountName = "default";
    private const string RootCertificateMap = "kube-root-ca.crt";

    public async ValueTask<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (caches.Namespaces.Get(key) is not { } @namespace || @namespace.Metadata.DeletionTimestamp is not null)
        {
            return ReconcileResult.Done;
        }

        if (caches.ServiceAccounts.Get(new ObjectKey(key.Name, AccountName)) is null)
        {
            var account = new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = AccountName, NamespaceProperty = key.Name } };
            await writer.CreateOnceAsync(account, cancellation).ConfigureAwait(false);
            if (rootCertificate is not null)
            {
                var map = new V1ConfigMap
                {
                    Metadata = new V1ObjectMeta { Name = RootCertificateMap, NamespaceProperty = key.Name },
                    Data = new Dictionary<string, string> { ["ca.crt"] = Encoding.UTF8.GetString(rootCertificate) },
                };
                await writer.CreateOnceAsync(map, cancellation).ConfigureAwait(false);
            }
        }

        return ReconcileResult.Done;
    }
}
