using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Naming;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.Gateway.Tests.Integration;

/// <summary>A runtime over real HTTP that does what its script says.</summary>
internal sealed class MockRuntime : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private MockRuntime(WebApplication app) => _app = app;

    /// <summary>What to answer; may be replaced at any time.</summary>
    public Func<HttpContext, JsonObject, Task> Script { get; set; } = Scripts.Answer();

    /// <summary>What it says about its tokenizer.</summary>
    public string? Fingerprint { get; set; }

    /// <summary>Somebody has asked for its tokenizer.</summary>
    public Task Asked => _asked.Task;

    public ConcurrentQueue<(JsonObject Body, Dictionary<string, string> Headers, string Path)> Requests { get; } = new();

    public int Port => new Uri(_app.Urls.Single()).Port;

    public static async Task<MockRuntime> StartAsync(Func<HttpContext, JsonObject, Task>? script = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var runtime = new MockRuntime(app);
        if (script is not null) runtime.Script = script;
        app.Run(async context =>
        {
            if (context.Request.Path == "/v1/models")
            {
                await context.Response.WriteAsJsonAsync(new JsonObject { ["data"] = new JsonArray(new JsonObject { ["attention"] = new JsonObject { ["tokenizer_fingerprint"] = runtime.Fingerprint } }) });
                runtime._asked.TrySetResult();
                return;
            }

            var body = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
            runtime.Requests.Enqueue((body, context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), context.Request.Path));
            await runtime.Script(context, body);
        });
        await app.StartAsync();
        return runtime;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}

/// <summary>What runtimes do.</summary>
internal static class Scripts
{
    /// <summary>The text of the generated answer, token by token; token i has the id 100 + i.</summary>
    public static readonly IReadOnlyList<string> Tokens = ["Grü", "ße", " aus", " \"Kö", "ln\"", "\n", "und", " 東京", "!", " 🙂"];

    public static Func<HttpContext, JsonObject, Task> Answer(string by = "runtime") => (context, _) =>
        context.Response.WriteAsJsonAsync(new JsonObject
        {
            ["id"] = "cmpl-1",
            ["by"] = by,
            ["choices"] = new JsonArray(new JsonObject { ["text"] = "says \"usage\":{\"prompt_tokens\":99}" }),
            ["usage"] = new JsonObject { ["prompt_tokens"] = 7, ["completion_tokens"] = 3, ["total_tokens"] = 10 },
        });

    public static Func<HttpContext, JsonObject, Task> Die() => (context, _) =>
    {
        context.Abort();
        return Task.CompletedTask;
    };

    public static Func<HttpContext, JsonObject, Task> Refuse(string reason = "Draining", int retryAfter = 1) => (context, _) =>
    {
        context.Response.StatusCode = 503;
        context.Response.Headers[HeaderNames.Reason] = reason;
        context.Response.Headers.RetryAfter = retryAfter.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return context.Response.WriteAsync("{\"error\":{}}");
    };

    public static Func<HttpContext, JsonObject, Task> Status(int status) => (context, _) =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new JsonObject { ["error"] = new JsonObject { ["message"] = "no" } });
    };

    /// <summary>Generates <see cref="Tokens"/> as a runtime does, also as a continuation.</summary>
    /// <param name="breakAfter">Chunks of this answer after which it ends as <paramref name="how"/> says; null: never.</param>
    /// <param name="how">Connection broken in the middle of an event, or given back by a draining runtime.</param>
    /// <param name="ids">Whether token ids are shown.</param>
    public static Func<HttpContext, JsonObject, Task> Stream(int? breakAfter = null, Break how = Break.Abort, bool ids = true, Func<int, Task>? before = null) => async (context, body) =>
    {
        var continued = body["attention_continuation"]?["token_ids"]?.AsArray().Select(n => n!.GetValue<int>()).ToList() ?? [];
        Assert.Equal(Enumerable.Range(100, continued.Count), continued);
        var usage = body["stream_options"]?["include_usage"]?.GetValue<bool>() == true;
        context.Response.ContentType = "text/event-stream";
        var written = 0;
        for (var i = continued.Count; i < Tokens.Count; i++)
        {
            if (before is not null) await before(i);
            if (written++ == breakAfter)
            {
                await BreakAsync(context, how);
                return;
            }

            var choice = new JsonObject { ["index"] = 0, ["text"] = Tokens[i], ["finish_reason"] = i == Tokens.Count - 1 ? "stop" : null };
            if (ids) choice["token_ids"] = new JsonArray(100 + i);
            var chunk = new JsonObject { ["id"] = continued.Count == 0 ? "cmpl-first" : body["attention_continuation"]!["id"]!.GetValue<string>(), ["created"] = 5, ["choices"] = new JsonArray(choice) };
            if (usage) chunk["usage"] = null;
            await SendAsync(context, chunk.ToJsonString());
        }

        if (written == breakAfter)
        {
            await BreakAsync(context, how);
            return;
        }

        if (continued.Count == Tokens.Count) await SendAsync(context, """{"id":"cmpl-first","choices":[{"index":0,"text":"","finish_reason":"stop","token_ids":[]}],"usage":null}""");
        if (usage) await SendAsync(context, $$$"""{"id":"cmpl-first","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":{{{Tokens.Count}}},"total_tokens":17}}""");
        await SendAsync(context, "[DONE]");
    };

    private static async Task BreakAsync(HttpContext context, Break how)
    {
        if (how == Break.GivenBack)
        {
            await SendAsync(context, """{"error":{"message":"m","reason":"Draining"}}""");
            return;
        }

        await context.Response.WriteAsync("data: {\"id\":\"cmpl-first\",\"choices\":[{\"text\":\"half");
        await context.Response.Body.FlushAsync();
        // The connection ends without the last chunk, but not before everything is sent (an abort would drop what is still buffered).
        throw new InvalidOperationException("The runtime dies.");
    }

    private static async Task SendAsync(HttpContext context, string data)
    {
        await context.Response.WriteAsync($"data: {data}\n\n");
        await context.Response.Body.FlushAsync();
    }
}

internal enum Break
{
    Abort,
    GivenBack,
}
