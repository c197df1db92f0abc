using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AttentionOperator.Gateway.Tls;

/// <summary>
/// The certificate of a directory as a Secret of type <c>kubernetes.io/tls</c> mounts it. The files are looked at every few seconds, because a mounted Secret changes
/// by moved links, which watches miss; connections that are made after a change get the new certificate, and one that cannot be used never replaces one that can.
/// </summary>
internal sealed partial class ReloadingCertificate : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);
    private readonly string _certificateFile;
    private readonly string _keyFile;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private volatile SslStreamCertificateContext _current;
    private byte[] _fingerprint;

    /// <exception cref="FormatException">The certificate cannot be used; names the file.</exception>
    public ReloadingCertificate(string directory, TimeProvider time, ILogger<ReloadingCertificate> logger)
    {
        _certificateFile = Path.Combine(directory, "tls.crt");
        _keyFile = Path.Combine(directory, "tls.key");
        _logger = logger;
        _fingerprint = Fingerprint();
        _current = Load();
        _timer = time.CreateTimer(_ => Look(), null, LookEvery, LookEvery);
    }

    /// <summary>What new connections are shown, with the intermediate certificates of the file.</summary>
    public SslStreamCertificateContext Current => _current;

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        try
        {
            var fingerprint = Fingerprint();
            if (fingerprint.AsSpan().SequenceEqual(_fingerprint)) return;
            _current = Load();
            _fingerprint = fingerprint;
            LogReloaded(_logger, _current.TargetCertificate.Subject, _current.TargetCertificate.NotAfter);
        }
        catch (FormatException e)
        {
            LogUnusable(_logger, e.Message);
        }
    }

    private byte[] Fingerprint()
    {
        try
        {
            return SHA256.HashData([.. File.ReadAllBytes(_certificateFile), 0, .. File.ReadAllBytes(_keyFile)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{_certificateFile} and {_keyFile} cannot be read: {e.Message}", e);
        }
    }

    private SslStreamCertificateContext Load()
    {
        try
        {
            var leaf = X509Certificate2.CreateFromPemFile(_certificateFile, _keyFile);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(_certificateFile);
            return SslStreamCertificateContext.Create(leaf, chain, offline: true);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException)
        {
            throw new FormatException($"{_certificateFile} and {_keyFile} are no certificate with its key: {e.Message}", e);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "New certificate: {Subject}, good until {NotAfter}")]
    private static partial void LogReloaded(ILogger logger, string subject, DateTime notAfter);

    [LoggerMessage(2, LogLevel.Error, "The changed certificate is not used, the one before is: {Problem}")]
    private static partial void LogUnusable(ILogger logger, string problem);
}
