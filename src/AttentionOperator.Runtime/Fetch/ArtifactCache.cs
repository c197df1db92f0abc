using System.Security.Cryptography;
using System.Text;
using AttentionOperator.Api.Runtime;

namespace AttentionOperator.Runtime.Fetch;

/// <summary>
/// A content-addressed cache that the pods of a node share:
/// <c>blobs/&lt;sha256&gt;</c> files, <c>snapshots/&lt;digest&gt;/…</c> directories of links to them, <c>partial/</c> downloads, <c>locks/</c>.
/// A snapshot appears by a rename, complete or not at all; its name is the hex of its artifact digest.
/// </summary>
internal sealed partial class ArtifactCache(string root, FetchOptions options, TimeProvider clock, ILogger logger, FetchTracker? tracker = null)
{
    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(200);
    private const string UsedMarker = ".used";

    private string Blobs => Path.Combine(root, "blobs");

    private string Snapshots => Path.Combine(root, "snapshots");

    private string Partials => Path.Combine(root, "partial");

    private string Locks => Path.Combine(root, "locks");

    /// <summary>Fetches the artifact unless it is there, and returns its directory. One process per artifact downloads; others wait for it.</summary>
    /// <param name="source">Where it comes from.</param>
    /// <param name="digest">Artifact digest that it must have; null = any.</param>
    /// <param name="cancellationToken">What was downloaded stays for the next try.</param>
    public async Task<string> FetchAsync(IArtifactSource source, string? digest, CancellationToken cancellationToken)
    {
        foreach (var directory in (string[])[Blobs, Snapshots, Partials, Locks]) Directory.CreateDirectory(directory);
        var started = clock.GetTimestamp();
        tracker ??= new FetchTracker(source.Name, clock, logger);
        using var held = await LockAsync(digest is null ? Key(source.Name) : HexOf(digest), cancellationToken);
        if (digest is not null && Reuse(HexOf(digest)) is { } ready)
        {
            tracker.Is(FetchState.Done);
            LogReused(logger, ready);
            return ready;
        }

        tracker.Is(FetchState.Listing);
        var files = await source.ListAsync(cancellationToken);
        tracker.Listed(files);
        if (files.Count == 0) throw new FetchException($"{source.Name} has no files.");
        if (files.Select(f => f.Path).Distinct(StringComparer.Ordinal).Count() != files.Count) throw new FetchException($"{source.Name} names a file twice.");
        var stored = await DownloadAllAsync(source, files, tracker, cancellationToken);
        var manifest = ArtifactFiles.DigestOf(stored);
        if (digest is not null && HexOf(digest) != manifest)
        {
            throw new FetchException($"{source.Name} has the artifact digest sha256:{manifest}; {digest} is expected. Nothing was published.") { Reason = StartFailureReason.ModelDigestMismatch };
        }

        var snapshot = Publish(manifest, stored);
        tracker.Is(FetchState.Done);
        LogPublished(logger, source.Name, snapshot, clock.GetElapsedTime(started).TotalSeconds);
        if (options.MaxCacheBytes is { } most) await EvictAsync(most, manifest, cancellationToken);
        return snapshot;
    }

    private async Task<List<(string Path, string Hex)>> DownloadAllAsync(IArtifactSource source, IReadOnlyList<RemoteFile> files, FetchTracker progress, CancellationToken cancellationToken)
    {
        var downloader = new FileDownloader(source, options, clock, progress.Downloaded);
        var stored = new List<(string, string)>();
        foreach (var file in files)
        {
            if (file.Sha256 is { } known && IsIntact(known, file.Size))
            {
                stored.Add((file.Path, known));
                progress.FileIsThere(file.Size ?? 0);
                continue;
            }

            var partial = Path.Combine(Partials, Key($"{source.Name}\n{file.Path}\n{file.Version}\n{file.Size}\n{options.PartBytes}"));
            var hex = await downloader.DownloadAsync(file, partial, cancellationToken);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(partial, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            File.Move(partial, BlobOf(hex), overwrite: true);
            File.Delete(partial + ".parts");
            stored.Add((file.Path, hex));
            progress.FileIsThere(0);
        }

        return stored;
    }

    /// <summary>A snapshot whose every file still has its digest; damaged blobs are removed, and so is what links to them.</summary>
    private string? Reuse(string manifest)
    {
        var snapshot = Path.Combine(Snapshots, manifest);
        if (!Directory.Exists(snapshot)) return null;
        var files = new List<(string, string)>();
        foreach (var path in ArtifactFiles.Of(snapshot))
        {
            var target = new FileInfo(Path.Combine(snapshot, path)).LinkTarget;
            var hex = target is null ? null : Path.GetFileName(target);
            if (hex is null || !IsIntact(hex, null))
            {
                LogDamaged(logger, snapshot, path);
                Directory.Delete(snapshot, recursive: true);
                return null;
            }

            files.Add((path, hex));
        }

        if (ArtifactFiles.DigestOf(files) != manifest)
        {
            LogDamaged(logger, snapshot, "");
            Directory.Delete(snapshot, recursive: true);
            return null;
        }

        Touch(snapshot);
        return snapshot;
    }

    private bool IsIntact(string hex, long? size)
    {
        var blob = new FileInfo(BlobOf(hex));
        if (!blob.Exists) return false;
        if ((size is null || size == blob.Length) && ArtifactFiles.FileDigest(blob.FullName) == hex) return true;
        blob.Delete();
        return false;
    }

    private string Publish(string manifest, List<(string Path, string Hex)> files)
    {
        var final = Path.Combine(Snapshots, manifest);
        var temporary = Path.Combine(Snapshots, ".new-" + Guid.NewGuid().ToString("N"));
        foreach (var (path, hex) in files)
        {
            var link = Path.Combine(temporary, path);
            Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            // Relative: the volume is mounted elsewhere in other pods.
            File.CreateSymbolicLink(link, Path.GetRelativePath(Path.GetDirectoryName(link)!, BlobOf(hex)));
        }

        Touch(temporary);
        if (Directory.Exists(final)) Directory.Delete(final, recursive: true);
        Directory.Move(temporary, final);
        return final;
    }

    /// <summary>Removes the snapshots that were not asked for longest until the rest fits, then blobs that nothing links to.</summary>
    private async Task EvictAsync(long most, string keep, CancellationToken cancellationToken)
    {
        using var held = await LockAsync("evict", cancellationToken);
        var snapshots = new DirectoryInfo(Snapshots).EnumerateDirectories().Where(d => !d.Name.StartsWith('.')).ToList();
        var uses = snapshots.ToDictionary(d => d.Name, BlobsOf);
        long Size() => uses.Values.SelectMany(b => b).Distinct().Sum(hex => new FileInfo(BlobOf(hex)) is { Exists: true } f ? f.Length : 0);
        foreach (var old in snapshots.Where(d => d.Name != keep).OrderBy(d => File.GetLastWriteTimeUtc(Path.Combine(d.FullName, UsedMarker))))
        {
            if (Size() <= most) break;
            LogEvicted(logger, old.Name);
            Directory.Delete(old.FullName, recursive: true);
            uses.Remove(old.Name);
        }

        var linked = uses.Values.SelectMany(b => b).ToHashSet(StringComparer.Ordinal);
        foreach (var blob in new DirectoryInfo(Blobs).EnumerateFiles())
        {
            // A blob of a fetch that has not published yet is younger than this.
            if (!linked.Contains(blob.Name) && clock.GetUtcNow() - blob.LastWriteTimeUtc > TimeSpan.FromHours(1)) blob.Delete();
        }
    }

    private static List<string> BlobsOf(DirectoryInfo snapshot) =>
        [.. ArtifactFiles.Of(snapshot.FullName).Select(p => new FileInfo(Path.Combine(snapshot.FullName, p)).LinkTarget).Where(t => t is not null).Select(t => Path.GetFileName(t!))];

    private static void Touch(string snapshot) => File.WriteAllText(Path.Combine(snapshot, UsedMarker), "");

    private async Task<FileStream> LockAsync(string key, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Locks, key);
        var waited = false;
        while (true)
        {
            try
            {
                // The lock is the open file's: it ends with the process, however it ends.
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (Directory.Exists(Locks))
            {
                if (!waited) LogWaiting(logger, path);
                tracker?.Is(FetchState.Waiting);
                waited = true;
                await Task.Delay(LockPoll, clock, cancellationToken);
            }
        }
    }

    private string BlobOf(string hex) => Path.Combine(Blobs, hex);

    private static string Key(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string HexOf(string digest) =>
        digest.StartsWith("sha256:", StringComparison.Ordinal) && digest.Length == 71 && digest[7..].All(char.IsAsciiHexDigitLower)
            ? digest[7..]
            : throw new FetchException($"The digest is '{digest}'; sha256: and 64 lower-case hex digits are expected.");

    [LoggerMessage(Level = LogLevel.Information, Message = "Fetched {Source} into {Directory} in {Seconds:0.0} s")]
    private static partial void LogPublished(ILogger logger, string source, string directory, double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Directory} is there and intact")]
    private static partial void LogReused(ILogger logger, string directory);

    [LoggerMessage(Level = LogLevel.Information, Message = "Waiting for another process that holds {Path}")]
    private static partial void LogWaiting(ILogger logger, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Directory} is damaged at '{File}'; it is fetched again")]
    private static partial void LogDamaged(ILogger logger, string directory, string file);

    [LoggerMessage(Level = LogLevel.Information, Message = "Evicted snapshot {Snapshot}")]
    private static partial void LogEvicted(ILogger logger, string snapshot);
}
