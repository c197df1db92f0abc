using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.EndToEnd;

/// <summary>A model hub that serves one directory as <c>org/model</c> to whoever shows its token, and holds its weights back until it is told to go on.</summary>
internal sealed class LocalHub : IAsyncDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _weights;

    private LocalHub(WebApplication app) => _app = app;

    public string Token { get; } = Guid.NewGuid().ToString("N");

    public string Address => _app.Urls.First();

    /// <summary>Requests for the first bytes of the weights: downloads of them.</summary>
    public int Downloads => Volatile.Read(ref _weights);

    public static async Task<LocalHub> StartAsync(string directory)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var hub = new LocalHub(builder.Build());
        hub._app.Use(async (context, next) =>
        {
            if (context.Request.Headers.Authorization != "Bearer " + hub.Token)
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return;
            }

            await next(context);
        });
        hub._app.MapGet("/api/models/org/model/revision/main", () => Results.Text(
            JsonSerializer.Serialize(new { sha = Commit, siblings = new DirectoryInfo(directory).GetFiles().Select(Sibling) }), "application/json"));
        hub._app.MapGet("/org/model/resolve/" + Commit + "/{file}", async (string file, HttpContext context) =>
        {
            if (file == "model.safetensors")
            {
                if (context.Request.Headers.Range is not [{ } range] || range.StartsWith("bytes=0-", StringComparison.Ordinal)) Interlocked.Increment(ref hub._weights);
                await hub._open.Task.WaitAsync(context.RequestAborted);
            }

            return Results.File(Path.Combine(directory, Path.GetFileName(file)), "application/octet-stream", enableRangeProcessing: true);
        });
        await hub._app.StartAsync();
        return hub;
    }

    /// <summary>Large files come with their digest, as those of a real hub do.</summary>
    private static object Sibling(FileInfo file) => file.Extension == ".safetensors"
        ? new { rfilename = file.Name, size = file.Length, lfs = new { size = file.Length, sha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file.FullName))) } }
        : new { rfilename = file.Name, size = file.Length };

    public void Open() => _open.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Open();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
