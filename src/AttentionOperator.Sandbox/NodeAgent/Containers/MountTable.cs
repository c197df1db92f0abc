namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>
/// A container's mounts as pairs of path in the container and path on the host. Processes share the host's file system, so a path
/// reaches them only where it is an argument or an environment value, and there the leading mount path is replaced.
/// </summary>
internal sealed class MountTable
{
    private readonly (string Container, string Host)[] _mounts;

    public MountTable(IEnumerable<KeyValuePair<string, string>> mounts) =>
        // The longest path first: a mount inside a mount wins.
        _mounts = [.. mounts.Select(m => (Container: Trim(m.Key), Host: m.Value)).OrderByDescending(m => m.Container.Length)];

    /// <summary>
    /// Replaces the mount path at the start of the value, or right after the first <c>=</c> of <c>--name=/path</c>. Text elsewhere is never touched.
    /// </summary>
    public string Rewrite(string value)
    {
        if (RewriteLeading(value) is { } leading)
        {
            return leading;
        }

        var equals = value.StartsWith('-') ? value.IndexOf('=', StringComparison.Ordinal) : -1;
        return equals > 0 && RewriteLeading(value[(equals + 1)..]) is { } rest ? value[..(equals + 1)] + rest : value;
    }

    private string? RewriteLeading(string value)
    {
        foreach (var (container, host) in _mounts)
        {
            if (value.StartsWith(container, StringComparison.Ordinal) && (value.Length == container.Length || value[container.Length] == '/'))
            {
                return host + value[container.Length..];
            }
        }

        return null;
    }

    private static string Trim(string path) => path.Length > 1 ? path.TrimEnd('/') : path;
}
