using System.Security.Cryptography.X509Certificates;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using k8s.Models;

namespace AttentionOperator.Certificates;

/// <summary>Every replica's part: follows the Secret, and has the certificate that new connections are served with.</summary>
internal sealed class ServingCertificate : IServingCertificate, IDisposable
{
    private readonly SharedInformer<V1Secret> secrets;
    private readonly ObjectKey secret;
    private readonly ILogger<ServingCertificate> logger;
    private X509Certificate2? current;

    public ServingCertificate(InformerFactory factory, ObjectKey secret, ILogger<ServingCertificate> logger)
    {
        this.secret = secret;
        this.logger = logger;
        secrets = factory.Typed(new InformerOptions<V1Secret> { Namespace = secret.Namespace, FieldSelector = $"metadata.name={secret.Name}" });
        secrets.AddHandler(@event => Load(@event.New));
    }

    /// <summary>Null before the leader has issued one.</summary>
    public X509Certificate2? Current => Volatile.Read(ref current);

    public Task RunAsync(CancellationToken cancellation) => secrets.RunAsync(cancellation);

    public void Dispose() => current?.Dispose();

    private void Load(V1Secret? value)
    {
        if (value is null)
        {
            return; // Deleted: the leader writes it anew, and what is served is valid until then.
        }

        if (CertificateBundle.FromSecret(value.Data) is not { } bundle)
        {
            CertificateLog.Unreadable(logger, secret.ToString());
            return;
        }

        // The old one is left to the collector: handshakes may be using it.
        var next = bundle.Open();
        Volatile.Write(ref current, next);
        CertificateLog.Loaded(logger, next.Thumbprint, next.NotAfter.ToUniversalTime());
    }
}
