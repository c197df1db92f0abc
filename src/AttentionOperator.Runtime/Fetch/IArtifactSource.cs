namespace AttentionOperator.Runtime.Fetch;

/// <summary>Where an artifact's files come from.</summary>
internal interface IArtifactSource : IDisposable
{
    /// <summary>For messages; without credentials.</summary>
    string Name { get; }

    Task<IReadOnlyList<RemoteFile>> ListAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Opens the file at an offset, for <paramref name="length"/> bytes (null = to the end). A source that cannot do ranges returns
    /// the whole file and says so by <see cref="RangeRead.Offset"/> 0.
    /// </summary>
    Task<RangeRead> OpenAsync(RemoteFile file, long offset, long? length, CancellationToken cancellationToken);
}

/// <summary>An opened part of a file.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="Offset">Where they begin.</param>
/// <param name="Owner">Closed with it.</param>
internal sealed record RangeRead(Stream Content, long Offset, IDisposable? Owner = null) : IDisposable
{
    public void Dispose()
    {
        Content.Dispose();
        Owner?.Dispose();
    }
}
