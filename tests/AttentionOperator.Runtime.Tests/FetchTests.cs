using System.Security.Cryptography;
using System.Text;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Inference.Artifacts;
using AttentionOperator.Runtime.Fetch;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Runtime.Tests;

public sealed class FetchTests : IAsyncLifetime
{
    private static readonly FetchOptions Options = new() { PartBytes = 1000, Parallel = 3, Tries = 3, FirstBackOff = TimeSpan.FromMilliseconds(1) };
    private readonly string _root = Directory.CreateTempSubdirectory("attention-fetch-").FullName;
    private FileServer _server = null!;

    private string Cache => Path.Combine(_root, "cache");

    public async ValueTask InitializeAsync() => _server = await FileServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void A_link_leads_to_the_directory_and_is_replaced_in_place()
    {
        var one = Directory.CreateDirectory(Path.Combine(_root, "one"));
        var two = Directory.CreateDirectory(Path.Combine(_root, "two"));
        File.WriteAllText(Path.Combine(two.FullName, "config.json"), "{}");
        var links = Directory.CreateDirectory(Path.Combine(_root, "links"));
        var link = Path.Combine(links.FullName, "model");
        DirectoryLink.Point(link, one.FullName);
        Assert.Equal("../one", new FileInfo(link).LinkTarget);
        DirectoryLink.Point(link, two.FullName);
        Assert.True(File.Exists(Path.Combine(link, "config.json")));
        Assert.Single(links.GetFileSystemInfos());
        Assert.Throws<IOException>(() => DirectoryLink.Point(one.FullName, two.FullName));
        Assert.Equal(["links", "one", "two"], new DirectoryInfo(_root).GetDirectories().Select(d => d.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_hub_model_is_fetched_in_parts_and_has_the_directorys_digest()
    {
        var files = Hub("org/model", "main");
        var directory = await FetchAsync("hf://org/model");
        Assert.Equal(["config.json", "model.safetensors", "sub/tokenizer.json"], ArtifactFiles.Of(directory));
        foreach (var path in ArtifactFiles.Of(directory)) Assert.Equal(files[path], await File.ReadAllBytesAsync(Path.Combine(directory, path)));
        Assert.Equal("sha256:" + Path.GetFileName(directory), ArtifactDigest.Compute(directory));
        // 5 parts of the large file, the list, and two small ones.
        Assert.Equal(8, _server.Requests);
    }

    [Fact]
    public async Task What_is_there_is_not_fetched_again()
    {
        Hub("org/model", "main");
        var first = await FetchAsync("hf://org/model");
        var requests = _server.Requests;
        Assert.Equal(first, await FetchAsync("hf://org/model", digest: "sha256:" + Path.GetFileName(first)));
        Assert.Equal(requests, _server.Requests);
    }

    [Fact]
    public async Task Progress_can_be_read_while_it_runs_and_while_another_holds_it_up()
    {
        Hub("org/model", "main");
        const int total = 4504, count = 3;
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Fault = async (_, number) =>
        {
            if (number >= 5) await hold.Task;
            return false;
        };
        var (first, second) = (Tracker(), Tracker());
        await using var page = await ProgressServer.StartAsync(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0), () => first.Progress, CancellationToken.None);
        using var client = new HttpClient { BaseAddress = page.Address };
        async Task<FetchProgress> ReadAsync() => FetchProgress.Parse(await client.GetStringAsync(new Uri("/fetch", UriKind.Relative)))!;
        var fetch = FetchAsync("hf://org/model", tracker: first);
        FetchProgress progress;
        do
        {
            progress = await ReadAsync();
            Assert.False(fetch.IsCompleted);
        }
        while (progress.State != FetchState.Downloading || progress.DoneBytes == 0);

        Assert.Equal(("hf://org/model", (long)total, count), (progress.Source, progress.TotalBytes, progress.TotalFiles));
        Assert.InRange(progress.DoneBytes, 1, total - 1);
        var other = FetchAsync("hf://org/model", tracker: second);
        await LifecycleTests.UntilAsync(() => second.Progress.State == FetchState.Waiting);
        hold.SetResult();
        Assert.Equal(await fetch, await other);
        Assert.Equal(new FetchProgress("hf://org/model", FetchState.Done, total, total, count, count), await ReadAsync());
        Assert.Equal(FetchState.Done, second.Progress.State);
        Assert.Null(FetchProgress.Parse("not this"));
    }

    [Fact]
    public async Task A_damaged_blob_is_never_served()
    {
        var files = Hub("org/model", "main");
        var directory = await FetchAsync("hf://org/model");
        var blob = new FileInfo(Path.Combine(directory, "model.safetensors")).ResolveLinkTarget(true)!.FullName;
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(blob, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using (var stream = new FileStream(blob, FileMode.Open)) stream.WriteByte(99);
        var again = await FetchAsync("hf://org/model", digest: "sha256:" + Path.GetFileName(directory));
        Assert.Equal(files["model.safetensors"], await File.ReadAllBytesAsync(Path.Combine(again, "model.safetensors")));
    }

    [Fact]
    public async Task Broken_connections_are_tried_again_and_a_killed_fetch_goes_on()
    {
        Hub("org/model", "main");
        // Every part breaks off once; from the seventh on the server is gone.
        _server.Fault = async (context, number) =>
        {
            if (!context.Request.Path.Value!.EndsWith("safetensors", StringComparison.Ordinal)) return false;
            if (number < 6) return false;
            context.Response.ContentLength = 1000;
            await context.Response.Body.WriteAsync(new byte[10]);
            context.Abort();
            return true;
        };
        await Assert.ThrowsAsync<FetchException>(() => FetchAsync("hf://org/model"));
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(Cache, "snapshots")));
        var offsets = new List<long>();
        _server.Fault = (context, _) =>
        {
            if (context.Request.GetTypedHeaders().Range is { } range) lock (offsets) offsets.Add(range.Ranges.First().From!.Value);
            return Task.FromResult(false);
        };
        await FetchAsync("hf://org/model");
        Assert.InRange(offsets.Count, 1, 4);
        Assert.DoesNotContain(0, offsets);
    }

    [Fact]
    public async Task A_substituted_file_is_not_published()
    {
        var files = Hub("org/model", "main");
        _server.Files["/org/model/resolve/c0ffee/model.safetensors"] = RandomNumberGenerator.GetBytes(files["model.safetensors"].Length);
        var failure = await Assert.ThrowsAsync<FetchException>(() => FetchAsync("hf://org/model"));
        Assert.Contains("model.safetensors", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(Cache, "snapshots")));
    }

    [Fact]
    public async Task A_wrong_artifact_digest_is_not_published()
    {
        Hub("org/model", "main");
        var failure = await Assert.ThrowsAsync<FetchException>(() => FetchAsync("hf://org/model", digest: "sha256:" + new string('0', 64)));
        Assert.Contains("Nothing was published", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(Cache, "snapshots")));
    }

    [Fact]
    public async Task A_server_without_ranges_serves_too()
    {
        var files = Hub("org/model", "main");
        _server.Ranges = false;
        var directory = await FetchAsync("hf://org/model");
        Assert.Equal(files["model.safetensors"], await File.ReadAllBytesAsync(Path.Combine(directory, "model.safetensors")));
    }

    [Fact]
    public async Task Many_that_ask_at_once_cause_one_download()
    {
        Hub("org/model", "main");
        var digest = "sha256:" + Path.GetFileName(await FetchAsync("hf://org/model", cache: Path.Combine(_root, "other")));
        var before = _server.Requests;
        var directories = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(() => FetchAsync("hf://org/model", digest))));
        Assert.Single(directories.Distinct());
        Assert.Equal(before + 8, _server.Requests);
    }

    [Fact]
    public async Task A_web_directory_is_fetched_by_its_sums()
    {
        _server.Files["/m/a.txt"] = "a"u8.ToArray();
        _server.Files["/m/b c.txt"] = "b"u8.ToArray();
        _server.Files["/m/SHA256SUMS"] = Encoding.UTF8.GetBytes($"{Hex("a"u8)}  ./a.txt\n{Hex("b"u8)} *b c.txt\n");
        var directory = await FetchAsync(new Uri(_server.Address, "/m").AbsoluteUri);
        Assert.Equal("b", await File.ReadAllTextAsync(Path.Combine(directory, "b c.txt")));
        _server.Files["/m/SHA256SUMS"] = Encoding.UTF8.GetBytes($"{Hex("a"u8)}  ../../evil\n");
        await Assert.ThrowsAsync<FetchException>(() => FetchAsync(new Uri(_server.Address, "/m").AbsoluteUri));
    }

    [Fact]
    public async Task A_bucket_is_fetched_over_the_object_protocol()
    {
        var content = RandomNumberGenerator.GetBytes(2500);
        _server.Files["/bucket/models/tiny/model.safetensors"] = content;
        _server.Fault = async (context, _) =>
        {
            if (context.Request.Query["list-type"] != "2") return false;
            Assert.Equal("models/tiny/", context.Request.Query["prefix"].ToString());
            Assert.StartsWith("AWS4-HMAC-SHA256 Credential=key/", context.Request.Headers.Authorization.ToString(), StringComparison.Ordinal);
            context.Response.ContentType = "application/xml";
            await context.Response.WriteAsync("""
                <?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><IsTruncated>false</IsTruncated>
                <Contents><Key>models/tiny/model.safetensors</Key><Size>2500</Size><ETag>"e1"</ETag><LastModified>2026-01-01T00:00:00Z</LastModified></Contents></ListBucketResult>
                """);
            return true;
        };
        var directory = await FetchAsync("s3://bucket/models/tiny");
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(directory, "model.safetensors")));
    }

    [Fact]
    public async Task Credentials_go_to_the_hub_only_and_are_in_no_message()
    {
        Hub("org/model", "main");
        _server.Fault = (context, _) =>
        {
            Assert.Equal("Bearer hub-secret", context.Request.Headers.Authorization.ToString());
            context.Response.StatusCode = 403;
            return Task.FromResult(true);
        };
        var failure = await Assert.ThrowsAsync<FetchException>(() => FetchAsync("hf://org/model"));
        Assert.Contains("403", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_longest_unused_is_evicted()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow.AddHours(2));
        var sources = Enumerable.Range(0, 3).Select(i =>
        {
            var directory = Path.Combine(_root, $"source{i}");
            Directory.CreateDirectory(directory);
            File.WriteAllBytes(Path.Combine(directory, "model.safetensors"), RandomNumberGenerator.GetBytes(1000));
            return directory;
        }).ToList();
        var snapshots = new List<string>();
        foreach (var source in sources)
        {
            using var files = new FileSource(source);
            snapshots.Add(await new ArtifactCache(Cache, Options with { MaxCacheBytes = 2500 }, clock, NullLogger.Instance).FetchAsync(files, null, TestContext.Current.CancellationToken));
            File.SetLastWriteTimeUtc(Path.Combine(snapshots[^1], ".used"), new DateTime(2026, 1, snapshots.Count, 0, 0, 0, DateTimeKind.Utc));
        }

        Assert.False(Directory.Exists(snapshots[0]));
        Assert.True(Directory.Exists(snapshots[1]) && Directory.Exists(snapshots[2]));
        Assert.Equal(2, Directory.GetFiles(Path.Combine(Cache, "blobs")).Length);
    }

    [Theory]
    [InlineData("ftp://x/y")]
    [InlineData("no uri")]
    [InlineData("hf://only")]
    [InlineData("hf://a/b/c")]
    [InlineData("pvc://claim/path")]
    [InlineData("http://x/y")]
    public void Other_uris_are_refused(string uri) => Assert.Throws<FetchException>(() => ArtifactSources.Create(uri, _ => null));

    private Dictionary<string, byte[]> Hub(string repository, string revision)
    {
        var files = new Dictionary<string, byte[]>
        {
            ["config.json"] = "{}"u8.ToArray(),
            ["model.safetensors"] = RandomNumberGenerator.GetBytes(4500),
            ["sub/tokenizer.json"] = "[]"u8.ToArray(),
            ["pytorch_model.bin"] = "old"u8.ToArray(),
            [".gitattributes"] = ""u8.ToArray(),
        };
        var siblings = files.Select(f => f.Key.EndsWith("safetensors", StringComparison.Ordinal)
            ? $$$"""{"rfilename":"{{{f.Key}}}","lfs":{"sha256":"{{{Hex(f.Value)}}}","size":{{{f.Value.Length}}}}}"""
            : $$"""{"rfilename":"{{f.Key}}","size":{{f.Value.Length}}}""");
        _server.Files[$"/api/models/{repository}/revision/{revision}"] = Encoding.UTF8.GetBytes($$"""{"sha":"c0ffee","siblings":[{{string.Join(',', siblings)}}]}""");
        foreach (var (path, bytes) in files) _server.Files[$"/{repository}/resolve/c0ffee/{path}"] = bytes;
        return files;
    }

    private async Task<string> FetchAsync(string uri, string? digest = null, string? cache = null, FetchTracker? tracker = null)
    {
        using var source = ArtifactSources.Create(uri, name => name switch
        {
            "HF_ENDPOINT" or "AWS_ENDPOINT_URL" => _server.Address.AbsoluteUri.TrimEnd('/'),
            "HF_TOKEN" => "hub-secret",
            "AWS_ACCESS_KEY_ID" => "key",
            "AWS_SECRET_ACCESS_KEY" => "object-secret",
            _ => null,
        }, allowHttp: true);
        return await new ArtifactCache(cache ?? Cache, Options, TimeProvider.System, NullLogger.Instance, tracker).FetchAsync(source, digest, TestContext.Current.CancellationToken);
    }

    private static FetchTracker Tracker() => new("hf://org/model", TimeProvider.System, NullLogger.Instance);

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
