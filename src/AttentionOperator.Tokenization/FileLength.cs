namespace AttentionOperator.Tokenization;

/// <summary>The length of what a path leads to.</summary>
public static class FileLength
{
    /// <summary>Bytes of the file, also behind a symbolic link, whose own length <see cref="FileInfo.Length"/> would give: snapshots of a cache, and claims filled by the hub's tools, are made of links.</summary>
    /// <exception cref="IOException">There is no such file, or it cannot be opened.</exception>
    public static long Of(string path)
    {
        using var handle = File.OpenHandle(path);
        return RandomAccess.GetLength(handle);
    }
}
