
namespace AttentionOperator.Runtime.Fetch;

/// <summary><c>file:///directory</c>.</summary>
internal sealed class FileSource(string directory) : IArtifactSource
{
    public string Name => "file://" + directory;

    public Task<IReadOnlyList<RemoteFile>> ListAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(directory)) throw new FetchException($"The directory {directory} does not exist.");
        var files = new List<RemoteFile>();
        foreach (var path in ArtifactFiles.Of(directory))
        {
            var info = new FileInfo(Path.Combine(directory, path));
            files.Add(new RemoteFile(path, null, null, FormattableString.Invariant($"{info.LastWriteTimeUtc.Ticks}")));
        }

        return Task.FromResult<IReadOnlyList<RemoteFile>>(files);
    }

    public Task<RangeRead> OpenAsync(RemoteFile file, long offset, long? length, CancellationToken cancellationToken)
    {
        var stream = new FileStream(Path.Combine(directory, file.Path), FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous);
        stream.Position = offset;
        return Task.FromResult(new RangeRead(stream, offset));
    }

    public void Dispose()
    {
    }
}
