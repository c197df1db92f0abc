using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AttentionOperator.Runtime.Fetch;

/// <summary>Files and digests of artifacts whose parts are known before the directory exists; agrees with <c>ArtifactDigest</c> of the inference library.</summary>
internal static class ArtifactFiles
{
    private const int BufferSize = 1 << 20;

    /// <summary>Hex of the artifact digest of files and their digests in hex.</summary>
    public static string DigestOf(IEnumerable<(string Path, string Hex)> files)
    {
        var manifest = new StringBuilder();
        foreach (var (path, hex) in files.OrderBy(f => f.Path, StringComparer.Ordinal)) manifest.Append(CultureInfo.InvariantCulture, $"{hex}  {path}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(manifest.ToString())));
    }

    /// <summary>Paths of a directory's files that are part of an artifact, with <c>/</c>, sorted.</summary>
    public static IReadOnlyList<string> Of(string directory)
    {
        var files = new List<string>();
        Walk(new DirectoryInfo(directory), "", files);
        files.Sort(StringComparer.Ordinal);
        return files;
    }

    /// <summary>sha256 of a file in lower-case hex.</summary>
    public static string FileDigest(string path, CancellationToken cancellationToken = default)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int read;
            while ((read = file.Read(buffer)) > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Walk(DirectoryInfo directory, string prefix, List<string> files)
    {
        foreach (var entry in directory.EnumerateFileSystemInfos())
        {
            if (entry.Name.StartsWith('.')) continue;
            if (entry is FileInfo) files.Add(prefix + entry.Name);
            else if (entry is DirectoryInfo { LinkTarget: null } inner) Walk(inner, prefix + entry.Name + "/", files);
        }
    }
}
