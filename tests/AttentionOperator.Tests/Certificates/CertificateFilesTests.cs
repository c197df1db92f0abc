using AttentionOperator.Certificates;
using Microsoft.Extensions.Logging.Abstractions;

namespace AttentionOperator.Tests.Certificates;

public sealed class CertificateFilesTests
{
    [Fact]
    public async Task Files_are_read_again_and_a_broken_one_changes_nothing()
    {
        var bundle = CertificatePlan.Next(null, ["operator.system.svc"], DateTimeOffset.UtcNow, new CertificateLifetimes()).Bundle;
        var directory = Directory.CreateTempSubdirectory("certificates-").FullName;
        try
        {
            var files = new CertificateFiles(directory, TimeProvider.System, NullLogger<CertificateFiles>.Instance);
            await files.RefreshAsync(default);
            Assert.Null(files.Current);

            await WriteAsync(directory, Issue(bundle));
            await files.RefreshAsync(default);
            var first = files.Current!.Thumbprint;

            await File.WriteAllTextAsync(Path.Combine(directory, "tls.crt"), "half a file");
            await files.RefreshAsync(default);
            Assert.Equal(first, files.Current!.Thumbprint);

            await WriteAsync(directory, Issue(bundle));
            await files.RefreshAsync(default);
            Assert.NotEqual(first, files.Current!.Thumbprint);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static (string Certificate, string Key) Issue(CertificateBundle bundle) =>
        CertificateIssuer.Serving(bundle.Authorities[^1], bundle.AuthorityKey, ["operator.system.svc"], DateTimeOffset.UtcNow, new CertificateLifetimes());

    private static async Task WriteAsync(string directory, (string Certificate, string Key) issued)
    {
        await File.WriteAllTextAsync(Path.Combine(directory, "tls.crt"), issued.Certificate);
        await File.WriteAllTextAsync(Path.Combine(directory, "tls.key"), issued.Key);
    }
}
