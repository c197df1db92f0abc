using System.Security.Cryptography.X509Certificates;

namespace AttentionOperator.Certificates;

/// <summary>The certificate that this process serves HTTPS with, wherever it comes from.</summary>
internal interface IServingCertificate
{
    /// <summary>With its key; null until there is one.</summary>
    X509Certificate2? Current { get; }

    /// <summary>Keeps it up to date until cancelled.</summary>
    Task RunAsync(CancellationToken cancellation);
}
