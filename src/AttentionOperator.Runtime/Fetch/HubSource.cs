using System.Text.Json;

namespace AttentionOperator.Runtime.Fetch;

/// <summary><c>hf://org/model@revision</c> over a hub's HTTP API. The revision is resolved to a commit once, so that all files are of one.</summary>
internal sealed class HubSource(HttpClient client, Uri endpoint, string repository, string revision) : IArtifactSource
{
    // What a runtime reads; other formats of the same weights are left where they are.
    private static readonly string[] Wanted = [".json", ".safetensors", ".txt", ".jinja", ".model"];

    private string? _commit;

    public string Name => $"hf://{repository}@{revision}";

    public async Task<IReadOnlyList<RemoteFile>> ListAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(endpoint, $"/api/models/{repository}/revision/{Uri.EscapeDataString(revision)}?blobs=true"));
        using var response = await HttpRanges.SendAsync(client, request, cancellationToken);
        try
        {
            using var document = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
            var root = document.RootElement;
            _commit = root.GetProperty("sha").GetString()!;
            var files = new List<RemoteFile>();
            foreach (var item in root.GetProperty("siblings").EnumerateArray())
            {
                var path = ArtifactPath.Check(item.GetProperty("rfilename").GetString()!);
                if (ArtifactPath.IsHidden(path) || !Wanted.Any(w => path.EndsWith(w, StringComparison.Ordinal))) continue;
                var large = item.TryGetProperty("lfs", out var lfs) && lfs.ValueKind == JsonValueKind.Object;
                long? size = large ? lfs.GetProperty("size").GetInt64() : item.TryGetProperty("size", out var s) && s.ValueKind == JsonValueKind.Number ? s.GetInt64() : null;
                files.Add(new RemoteFile(path, size, large ? lfs.GetProperty("sha256").GetString() : null, _commit));
            }

            return files;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FetchException($"{HttpRanges.Shown(request.RequestUri!)} answered something that is no model description.", inner: e);
        }
    }

    public Task<RangeRead> OpenAsync(RemoteFile file, long offset, long? length, CancellationToken cancellationToken)
    {
        var path = string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString));
        return HttpRanges.OpenAsync(client, new Uri(endpoint, $"/{repository}/resolve/{_commit}/{path}"), offset, length, cancellationToken);
    }

    public void Dispose() => client.Dispose();
}
