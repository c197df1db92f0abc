using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.Gateway.Batches;
using AttentionOperator.Gateway.Tests.Integration;

namespace AttentionOperator.Gateway.Tests.Batches;

public sealed class BatchesOverHttpTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("gateway-batches-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task ABatch_IsRunInClassBatch_AndItsAnswersCanBeRead()
    {
        await using var gateway = await StartAsync();
        await using var a = await MockRuntime.StartAsync(async (context, body) => await (body["prompt"]!.GetValue<string>() == "bad" ? Scripts.Status(422) : Scripts.Answer())(context, body));
        gateway.Apply("chat", GatewayUnderTest.Secured, null, ("a", 100, [a]));
        gateway.Keys(("one", """ "class":"interactive" """), ("two", """ "tenant":"two" """));
        var file = await UploadAsync(gateway, "one", Line("first", "x"), Line("second", "bad"), Line("third", "y"));
        var batch = await MakeAsync(gateway, "one", file);
        Assert.Equal("validating", batch["status"]!.GetValue<string>());
        batch = await EndAsync(gateway, "one", batch);
        Assert.Equal(("completed", 3, 2, 1), (batch["status"]!.GetValue<string>(), Count(batch, "total"), Count(batch, "completed"), Count(batch, "failed")));
        var output = await LinesAsync(gateway, "one", batch["output_file_id"]!);
        Assert.Equal(["first", "third"], output.Select(l => l["custom_id"]!.GetValue<string>()).Order());
        Assert.All(output, l => Assert.Equal((200, "runtime"), (l["response"]!["status_code"]!.GetValue<int>(), l["response"]!["body"]!["by"]!.GetValue<string>())));
        var error = Assert.Single(await LinesAsync(gateway, "one", batch["error_file_id"]!));
        Assert.Equal(("second", 422), (error["custom_id"]!.GetValue<string>(), error["response"]!["status_code"]!.GetValue<int>()));
        Assert.All(a.Requests, r => Assert.Equal("batch", r.Headers["X-Attention-Internal-Priority-Cap"]));

        // Another tenant sees nothing of it.
        foreach (var path in new[] { $"/v1/batches/{batch["id"]}", $"/v1/files/{file}", $"/v1/files/{batch["output_file_id"]}/content" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(gateway, HttpMethod.Get, path, "two")).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(gateway, HttpMethod.Get, path, "three")).StatusCode);
        }

        Assert.Empty((await JsonAsync(gateway, HttpMethod.Get, "/v1/batches", "two"))["data"]!.AsArray());
        Assert.Single((await JsonAsync(gateway, HttpMethod.Get, "/v1/batches", "one"))["data"]!.AsArray());
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(gateway, HttpMethod.Delete, $"/v1/files/{file}", "one")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(gateway, HttpMethod.Get, $"/v1/files/{file}", "one")).StatusCode);
    }

    [Fact]
    public async Task ABatch_GoesOnAfterARestart_AndEveryRequestIsAnsweredOnce()
    {
        var asked = new ConcurrentQueue<string>();
        var hold = new TaskCompletionSource();
        await using var a = await MockRuntime.StartAsync(async (context, body) =>
        {
            var prompt = body["prompt"]!.GetValue<string>();
            asked.Enqueue(prompt);
            if (int.Parse(prompt) >= 10 && !hold.Task.IsCompleted) await Task.WhenAny(hold.Task, Task.Delay(Timeout.Infinite, context.RequestAborted));
            await Scripts.Answer()(context, body);
        });
        string id;
        await using (var gateway = await StartAsync())
        {
            gateway.Apply("chat", ("a", 100, [a]));
            var file = await UploadAsync(gateway, null, [.. Enumerable.Range(0, 20).Select(i => Line($"r{i}", $"{i}"))]);
            id = (await MakeAsync(gateway, null, file))["id"]!.GetValue<string>();
            await UntilAsync(() => asked.Any(p => int.Parse(p) >= 10) && Enumerable.Range(0, 10).All(i => asked.Contains($"{i}")));
            await UntilAsync(() => new BatchOutputIds(Directory.GetFiles(_directory, "*.output.jsonl", SearchOption.AllDirectories)).Read().Count == 10);
        }

        // What a crash in the middle of a line leaves.
        await File.AppendAllTextAsync(Directory.GetFiles(_directory, "*.output.jsonl", SearchOption.AllDirectories).Single(), "{\"id\":\"batch_req_x\",\"custom");
        hold.SetResult();
        // The routes come after the start, and what was left must wait for them.
        var readiness = new GatewayUnderTest.Readiness();
        await using var second = await StartAsync(readiness);
        second.Apply("chat", ("a", 100, [a]));
        readiness.IsReady = true;
        var batch = await EndAsync(second, null, JsonNode.Parse($$"""{"id":"{{id}}"}""")!);
        Assert.Equal(("completed", 20, 20), (batch["status"]!.GetValue<string>(), Count(batch, "total"), Count(batch, "completed")));
        var lines = await LinesAsync(second, null, batch["output_file_id"]!);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"r{i}").Order(), lines.Select(l => l["custom_id"]!.GetValue<string>()).Order());
        Assert.All(Enumerable.Range(0, 10), i => Assert.Single(asked, p => p == $"{i}"));
    }

    [Fact]
    public async Task ACancelledBatch_SaysWhatItDidNotRun()
    {
        var started = new TaskCompletionSource();
        await using var gateway = await StartAsync();
        await using var a = await MockRuntime.StartAsync(async (context, _) =>
        {
            started.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        gateway.Apply("chat", ("a", 100, [a]));
        var batch = await MakeAsync(gateway, null, await UploadAsync(gateway, null, Line("one", "x"), Line("two", "y")));
        await started.Task;
        Assert.Equal("cancelling", (await JsonAsync(gateway, HttpMethod.Post, $"/v1/batches/{batch["id"]}/cancel", null))["status"]!.GetValue<string>());
        batch = await EndAsync(gateway, null, batch);
        Assert.Equal(("cancelled", 0, 2), (batch["status"]!.GetValue<string>(), Count(batch, "completed"), Count(batch, "failed")));
        Assert.All(await LinesAsync(gateway, null, batch["error_file_id"]!), l => Assert.Equal("batch_cancelled", l["error"]!["code"]!.GetValue<string>()));
    }

    [Fact]
    public async Task ABatchThatIsNotDoneInItsWindow_Expires()
    {
        await using var gateway = await StartAsync();
        gateway.Apply("chat", ("a", 100, []));
        var batch = await MakeAsync(gateway, null, await UploadAsync(gateway, null, Line("one", "x")), window: "1s");
        batch = await EndAsync(gateway, null, batch);
        Assert.Equal("expired", batch["status"]!.GetValue<string>());
        Assert.Equal("batch_expired", Assert.Single(await LinesAsync(gateway, null, batch["error_file_id"]!))["error"]!["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task AnInputThatCannotBeUsed_FailsTheBatch_AndNamesTheLines()
    {
        await using var gateway = await StartAsync();
        await using var a = await MockRuntime.StartAsync();
        gateway.Apply("chat", ("a", 100, [a]));
        var file = await UploadAsync(gateway, null, Line("one", "x"), "no json", Line("one", "y"), """{"custom_id":"z","method":"POST","url":"/v1/files","body":{}}""");
        var batch = await EndAsync(gateway, null, await MakeAsync(gateway, null, file));
        Assert.Equal("failed", batch["status"]!.GetValue<string>());
        Assert.Equal([2, 3, 4], batch["errors"]!["data"]!.AsArray().Select(e => e!["line"]!.GetValue<int>()));
        Assert.Empty(a.Requests);
    }

    [Theory]
    [InlineData("""{"endpoint":"/v1/feedback","completion_window":"24h","input_file_id":"x"}""", "endpoint")]
    [InlineData("""{"endpoint":"/v1/completions","completion_window":"soon","input_file_id":"x"}""", "completion_window")]
    [InlineData("""{"endpoint":"/v1/completions","completion_window":"24h","input_file_id":"../../etc/passwd"}""", "input_file_id")]
    [InlineData("[]", null)]
    public async Task WhatIsNoBatch_IsRefused(string body, string? param)
    {
        await using var gateway = await StartAsync();
        using var response = await gateway.PostAsync(body, "/v1/batches");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(param, (await GatewayUnderTest.ErrorOf(response))["param"]?.GetValue<string>());
    }

    [Fact]
    public async Task WithoutADirectory_ThereAreNoBatches()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using var response = await gateway.PostAsync("{}", "/v1/batches");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private Task<GatewayUnderTest> StartAsync(GatewayUnderTest.Readiness? readiness = null) =>
        GatewayUnderTest.StartAsync(o => o with { Batches = new BatchOptions { Directory = _directory, LookEvery = TimeSpan.FromMilliseconds(100) } }, readiness);

    private static string Line(string id, string prompt) => $$$"""{"custom_id":"{{{id}}}","method":"POST","url":"/v1/completions","body":{"model":"chat","prompt":"{{{prompt}}}"}}""";

    private static int Count(JsonNode batch, string name) => batch["request_counts"]![name]!.GetValue<int>();

    private static async Task<string> UploadAsync(GatewayUnderTest gateway, string? key, params string[] lines)
    {
        using var form = new MultipartFormDataContent { { new StringContent("batch"), "purpose" }, { new ByteArrayContent(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n")), "file", "in.jsonl" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/files") { Content = form };
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await gateway.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!["id"]!.GetValue<string>();
    }

    private static Task<JsonNode> MakeAsync(GatewayUnderTest gateway, string? key, string file, string window = "24h") =>
        JsonAsync(gateway, HttpMethod.Post, "/v1/batches", key, $$"""{"endpoint":"/v1/completions","completion_window":"{{window}}","input_file_id":"{{file}}"}""");

    private static async Task<JsonNode> EndAsync(GatewayUnderTest gateway, string? key, JsonNode batch)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            var now = await JsonAsync(gateway, HttpMethod.Get, $"/v1/batches/{batch["id"]}", key);
            if (now["status"]!.GetValue<string>() is "completed" or "failed" or "expired" or "cancelled") return now;
            await Task.Delay(20, limit.Token);
        }
    }

    private static async Task<List<JsonNode>> LinesAsync(GatewayUnderTest gateway, string? key, JsonNode file)
    {
        using var response = await SendAsync(gateway, HttpMethod.Get, $"/v1/files/{file}/content", key);
        return [.. (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!)];
    }

    private static async Task<JsonNode> JsonAsync(GatewayUnderTest gateway, HttpMethod method, string path, string? key, string? body = null)
    {
        using var response = await SendAsync(gateway, method, path, key, body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    private static async Task<HttpResponseMessage> SendAsync(GatewayUnderTest gateway, HttpMethod method, string path, string? key, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return await gateway.Client.SendAsync(request);
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!holds()) await Task.Delay(20, limit.Token);
    }
}
