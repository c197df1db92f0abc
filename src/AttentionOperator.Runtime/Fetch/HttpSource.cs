namespace AttentionOperator.Runtime.Fetch;

/// <summary><c>https://host/directory</c>: the files that <c>SHA256SUMS</c> in the directory names (the output of sha256sum).</summary>
internal sealed class HttpSource(HttpClient client, Uri directory) : IArtifactSource
{
    public const string SumsFile = "SHA256SUMS";
    private const int MostBytes = 4 << 20;

    private readonly Uri _base = directory.AbsoluteUri.EndsWith('/') ? directory : new Uri(directory.AbsoluteUri + "/");

    public string Name => HttpRanges.Shown(_base);

    public async Task<IReadOnlyList<RemoteFile>> ListAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_base, SumsFile));
        using var response = await HttpRanges.SendAsync(client, request, cancellationToken);
        if (response.Content.Headers.ContentLength > MostBytes) throw new FetchException($"{Name}{SumsFile} is larger than {MostBytes} bytes.");
        return Parse(await response.Content.ReadAsStringAsync(cancellationToken), Name + SumsFile);
    }

    public Task<RangeRead> OpenAsync(RemoteFile file, long offset, long? length, CancellationToken cancellationToken) =>
        HttpRanges.OpenAsync(client, new Uri(_base, string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString))), offset, length, cancellationToken);

    public void Dispose() => client.Dispose();

    internal static List<RemoteFile> Parse(string sums, string name)
    {
        var files = new List<RemoteFile>();
        foreach (var line in sums.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            // "<hex>  <path>" or "<hex> *<path>".
            if (line.Length < 67 || line[64] != ' ' || !line.AsSpan(0, 64).ToString().All(char.IsAsciiHexDigit)) throw new FetchException($"{name} has a line that is not of sha256sum's form.");
            var path = line[66..];
            if (path.StartsWith("./", StringComparison.Ordinal)) path = path[2..];
            ArtifactPath.Check(path);
            var hex = line[..64].ToLowerInvariant();
            if (!ArtifactPath.IsHidden(path)) files.Add(new RemoteFile(path, null, hex, hex));
        }

        return files;
    }
}
