using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AttentionOperator.Certificates;

/// <summary>A certificate that somebody else (cert-manager) issues and renews, from the files <c>tls.crt</c> and <c>tls.key</c> of a mounted Secret.</summary>
internal sealed class CertificateFiles(string directory, TimeProvider time, ILogger<CertificateFiles> logger) : IServingCertificate
{
    // The kubelet itself takes up to a minute.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private (string Certificate, string Key) read;
    private X509Certificate2? current;

    public X509Certificate2? Current => Volatile.Read(ref current);

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                await RefreshAsync(cancellation);
            }
            while (await timer.WaitForNextTickAsync(cancellation));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The usual end.
        }
    }

    /// <summary>Reads the files again; what cannot be read leaves the last certificate in place.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        try
        {
            var certificate = await File.ReadAllTextAsync(Path.Combine(directory, "tls.crt"), cancellation);
            var key = await File.ReadAllTextAsync(Path.Combine(directory, "tls.key"), cancellation);
            if ((certificate, key) != read)
            {
                var next = X509Certificate2.CreateFromPem(certificate, key);
                Volatile.Write(ref current, next);
                read = (certificate, key);
                CertificateLog.Loaded(logger, next.Thumbprint, next.NotAfter.ToUniversalTime());
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            CertificateLog.Failed(logger, $"{directory}: {e.Message}");
        }
    }
}
