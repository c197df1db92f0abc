using System.Globalization;

namespace AttentionOperator.Sandbox.NodeAgent.Volumes;

/// <summary>
/// A directory whose files change all at once, in the layout that the kubelet uses: the files are links through <c>..data</c>, a link to a
/// directory with the present content, and an update replaces that one link. Readers see the old set or the new one, and file watchers keep working.
/// </summary>
internal static class AtomicDirectory
{
    private const string DataLink = "..data";
    private const string NextLink = "..data_tmp";
    private static long s_sequence;

    /// <summary>Makes the directory hold exactly these files (paths may have folders); does nothing when it already does.</summary>
    /// <returns>Whether anything changed.</returns>
    public static bool Write(string directory, IReadOnlyDictionary<string, byte[]> files, TimeProvider time)
    {
        Directory.CreateDirectory(directory);
        var link = Path.Combine(directory, DataLink);
        var current = Directory.Exists(link) ? Directory.ResolveLinkTarget(link, returnFinalTarget: true)?.FullName : null;
        if (current is not null && Holds(current, files))
        {
            return false;
        }

        var stamp = time.GetUtcNow().ToString("yyyy_MM_dd_HH_mm_ss", CultureInfo.InvariantCulture);
        var name = $"..{stamp}.{Interlocked.Increment(ref s_sequence)}";
        var content = Path.Combine(directory, name);
        Directory.CreateDirectory(content);
        foreach (var (path, bytes) in files)
        {
            var target = Path.Combine(content, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, bytes);
        }

        var next = Path.Combine(directory, NextLink);
        File.Delete(next);
        File.CreateSymbolicLink(next, name);
        AtomicRename.Replace(next, link);
        LinkFiles(directory, files.Keys.Select(TopComponent).ToHashSet(StringComparer.Ordinal));
        if (current is not null)
        {
            Directory.Delete(current, recursive: true);
        }

        return true;
    }

    private static void LinkFiles(string directory, HashSet<string> names)
    {
        foreach (var name in names)
        {
            var visible = Path.Combine(directory, name);
            if (new FileInfo(visible).LinkTarget is null)
            {
                File.CreateSymbolicLink(visible, Path.Combine(DataLink, name));
            }
        }

        foreach (var entry in new DirectoryInfo(directory).EnumerateFileSystemInfos())
        {
            if (!entry.Name.StartsWith("..", StringComparison.Ordinal) && !names.Contains(entry.Name))
            {
                File.Delete(entry.FullName);
            }
        }
    }

    private static bool Holds(string directory, IReadOnlyDictionary<string, byte[]> files)
    {
        var present = Directory.GetFiles(directory, "*", SearchOption.AllDirectories);
        return present.Length == files.Count
            && files.All(file => File.Exists(Path.Combine(directory, file.Key))
                && File.ReadAllBytes(Path.Combine(directory, file.Key)).AsSpan().SequenceEqual(file.Value));
    }

    private static string TopComponent(string path)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? path : path[..slash];
    }
}
