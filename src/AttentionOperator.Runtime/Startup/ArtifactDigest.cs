using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AttentionOperator.Runtime.Startup;

/// <summary>
/// The digest of a model directory: <c>sha256:</c> and the sha256 of its manifest. The manifest has one line per file,
/// <c>&lt;sha256 of the file in hex&gt;  &lt;path with / from the directory&gt;\n</c>, sorted by path in bytes; names that begin with a dot (and what is in
/// such directories) do not count. A shell computes it as
/// <c>find -L . -type f ! -path '*/.*' -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum</c>.
/// </summary>
internal static class ArtifactDigest
{
    private const int BufferSize = 1 << 20;

    public static string Compute(string directory, CancellationToken cancellationToken = default)
    {
        var manifest = Manifest(FilesOf(directory).Select(path => (path, FileDigest(Path.Combine(directory, path), cancellationToken))));
        return "sha256:" + Hex(SHA256.HashData(Encoding.UTF8.GetBytes(manifest)));
    }

    /// <summary>The manifest's text for files and their digests in hex.</summary>
    public static string Manifest(IEnumerable<(string Path, string Hex)> files)
    {
        var text = new StringBuilder();
        foreach (var (path, hex) in files.OrderBy(f => f.Path, Utf8Order)) text.Append(CultureInfo.InvariantCulture, $"{hex}  {path}\n");
        return text.ToString();
    }

    /// <summary>Paths of the files that count, with <c>/</c>, sorted.</summary>
    public static IReadOnlyList<string> FilesOf(string directory)
    {
        var files = new List<string>();
        Walk(new DirectoryInfo(directory), "", files);
        files.Sort(Utf8Order);
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

        return Hex(hash.GetHashAndReset());
    }

    public static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    private static readonly Comparer<string> Utf8Order =
        Comparer<string>.Create(static (a, b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)));

    private static void Walk(DirectoryInfo directory, string prefix, List<string> files)
    {
        foreach (var entry in directory.EnumerateFileSystemInfos())
        {
            if (entry.Name.StartsWith('.')) continue;
            // Links are followed: published caches link snapshots to blobs.
            if (entry is DirectoryInfo inner) Walk(inner, prefix + entry.Name + "/", files);
            else files.Add(prefix + entry.Name);
        }
    }
}
