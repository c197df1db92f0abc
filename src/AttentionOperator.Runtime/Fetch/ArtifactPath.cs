namespace AttentionOperator.Runtime.Fetch;

/// <summary>Names that a source gives are not trusted.</summary>
internal static class ArtifactPath
{
    /// <summary>The path, if it stays inside the artifact's directory.</summary>
    public static string Check(string path)
    {
        var segments = path.Split('/');
        if (path.Length is 0 or > 1024 || path.Contains('\\', StringComparison.Ordinal) || path.Any(char.IsControl)
            || segments.Any(s => s.Length == 0 || s is "." or ".."))
        {
            throw new FetchException($"The source names a file '{(path.Length > 100 ? path[..100] : path)}', which is no path inside an artifact.");
        }

        return path;
    }

    /// <summary>Hidden files are no part of an artifact (see the artifact digest).</summary>
    public static bool IsHidden(string path) => path.Split('/').Any(s => s.StartsWith('.'));
}
