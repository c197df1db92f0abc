using System.Security.Cryptography;
using System.Text;

namespace AttentionOperator.Inference.Artifacts;

/// <summary>
/// One digest for a directory of files: sha256 over the manifest, a line <c>&lt;sha256 in hex&gt;  &lt;path&gt;\n</c> per file in ordinal
/// order of the paths (relative, forward slashes, UTF-8), which is what <c>sha256sum</c> prints for the sorted list. Names that start with a dot are
/// not part of the artifact; links to files count as files, linked directories are not entered.
/// </summary>
public static class ArtifactDigest
{
    /// <summary>The digest, <c>sha256:…</c>.</summary>
    public static string Compute(string directory, CancellationToken cancellationToken = default) =>
        $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Manifest(directory, cancellationToken))))}";

    /// <summary>The text that is hashed.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    public static string Manifest(string directory, CancellationToken cancellationToken = default)
    {
        var manifest = new StringBuilder();
        foreach (var path in Files(new DirectoryInfo(directory), "").Order(StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var stream = new FileStream(Path.Combine(directory, path), FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
            manifest.Append(Convert.ToHexStringLower(SHA256.HashData(stream))).Append("  ").Append(path).Append('\n');
        }

        return manifest.ToString();
    }

    private static IEnumerable<string> Files(DirectoryInfo directory, string prefix)
    {
        foreach (var entry in directory.EnumerateFileSystemInfos())
        {
            if (entry.Name.StartsWith('.'))
                continue;
            if (entry is FileInfo)
                yield return prefix + entry.Name;
            else if (entry is DirectoryInfo child && child.LinkTarget is null)
                foreach (var file in Files(child, $"{prefix}{entry.Name}/"))
                    yield return file;
        }
    }
}
