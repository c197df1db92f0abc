using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Tests.Api;
using k8s;
using k8s.Models;
using static AttentionOperator.Sandbox.Tests.Api.ApiTestServer;

namespace AttentionOperator.Sandbox.Tests.Storage;

public sealed class RestartTests : IDisposable
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private readonly string _directory = Directory.CreateTempSubdirectory("sandbox-restart-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Objects_definitions_and_registrations_are_served_again()
    {
        string version;
        await using (var api = await StartAsync())
        {
            await api.CreateAsync(Definitions, Body("""
                {"metadata":{"name":"widgets.example.com"},"spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"widgets","kind":"Widget"},
                 "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{"size":{"type":"integer","default":3}}}}}}}]}}
                """));
            await api.CreateAsync("/apis/example.com/v1/namespaces/default/widgets", Body("""{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"},"spec":{}}"""));
            await api.CreateAsync("/apis/apiregistration.k8s.io/v1/apiservices", Body("""
                {"metadata":{"name":"v1.metrics.example.com"},"spec":{"group":"metrics.example.com","version":"v1","groupPriorityMinimum":100,"versionPriority":10,"service":{"namespace":"default","name":"extension"}}}
                """));
            await api.CreateAsync(ConfigMaps, ConfigMap("m"));
            version = Text(await api.GetAsync(ConfigMaps), "metadata", "resourceVersion");
        }

        await using var again = await StartAsync();
        Assert.Equal("1", Text(await again.GetAsync($"{ConfigMaps}/m"), "data", "key"));
        Assert.Equal("3", Text(await again.GetAsync("/apis/example.com/v1/namespaces/default/widgets/w"), "spec", "size"));
        await again.CreateAsync("/apis/example.com/v1/namespaces/default/widgets", Body("""{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w2"}}"""));
        Assert.Equal(503, (await again.SendAsync("GET", "/apis/metrics.example.com/v1/things")).Code);
        Assert.True(Number(await again.GetAsync(ConfigMaps)) >= long.Parse(version, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(409, (await again.SendAsync("POST", ConfigMaps, ConfigMap("m"))).Code);
    }

    [Fact]
    public async Task With_history_watches_and_pages_from_before_the_restart_go_on()
    {
        string first;
        JsonObject page;
        await using (var api = await StartAsync(keepsHistory: true))
        {
            first = Text(await api.CreateAsync(ConfigMaps, ConfigMap("a")), "metadata", "resourceVersion");
            await api.CreateAsync(ConfigMaps, ConfigMap("b"));
            page = await api.GetAsync($"{ConfigMaps}?limit=1");
            await api.MergeAsync($"{ConfigMaps}/b", """{"data":{"key":"2"}}""");
            await api.CreateAsync(ConfigMaps, ConfigMap("c"));
            Assert.Equal(200, (await api.SendAsync("DELETE", $"{ConfigMaps}/b")).Code);
        }

        await using var again = await StartAsync(keepsHistory: true);
        using var patience = new CancellationTokenSource(Patience);
        using var watch = await again.OpenAsync("GET", $"{ConfigMaps}?watch=true&resourceVersion={first}");
        using var reader = new StreamReader(await watch.Content.ReadAsStreamAsync(patience.Token));
        var seen = new List<string>();
        while (seen.Count < 4)
        {
            var change = JsonNode.Parse((await reader.ReadLineAsync(patience.Token))!);
            seen.Add($"{Text(change, "type")} {Text(change, "object", "metadata", "name")}");
        }

        Assert.Equal(["ADDED b", "MODIFIED b", "ADDED c", "DELETED b"], seen);
        var rest = await again.GetAsync($"{ConfigMaps}?limit=10&continue={Uri.EscapeDataString(Text(page, "metadata", "continue"))}");
        Assert.Equal(["b"], rest["items"]!.AsArray().Select(i => Text(i, "metadata", "name")));
        await again.CreateAsync(ConfigMaps, ConfigMap("d"));
        var next = JsonNode.Parse((await reader.ReadLineAsync(patience.Token))!);
        Assert.Equal(("ADDED", "d"), (Text(next, "type"), Text(next, "object", "metadata", "name")));
    }

    [Fact]
    public async Task A_version_from_before_the_restart_has_expired_for_watches_and_pages()
    {
        string first;
        JsonObject page;
        await using (var api = await StartAsync())
        {
            first = Text(await api.CreateAsync(ConfigMaps, ConfigMap("a")), "metadata", "resourceVersion");
            await api.CreateAsync(ConfigMaps, ConfigMap("b"));
            page = await api.GetAsync($"{ConfigMaps}?limit=1");
            await api.CreateAsync(ConfigMaps, ConfigMap("c"));
        }

        await using var again = await StartAsync();
        using var watch = await again.OpenAsync("GET", $"{ConfigMaps}?watch=true&resourceVersion={first}");
        using var reader = new StreamReader(await watch.Content.ReadAsStreamAsync());
        var change = JsonNode.Parse((await reader.ReadLineAsync())!);
        Assert.Equal(("ERROR", "410", "Expired"), (Text(change, "type"), Text(change, "object", "code"), Text(change, "object", "reason")));
        Assert.Null(await reader.ReadLineAsync());

        var (code, status) = await again.SendAsync("GET", $"{ConfigMaps}?limit=1&continue={Text(page, "metadata", "continue")}");
        Assert.Equal((410, "Expired"), (code, Text(status, "reason")));
        // The token in the answer goes on from there with what is there now.
        var rest = await again.GetAsync($"{ConfigMaps}?continue={Text(status, "metadata", "continue")}");
        Assert.Equal(["b", "c"], rest["items"]!.AsArray().Select(i => Text(i, "metadata", "name")));
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_process_is_killed()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "attention-sandbox.dll"), "run", "--faked-pods", "--data-dir", _directory]) { UseShellExecute = false, RedirectStandardOutput = true };
        var acknowledged = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        using (var sandbox = Process.Start(start)!)
        {
            try
            {
                using var limit = new CancellationTokenSource(Patience);
                while (await sandbox.StandardOutput.ReadLineAsync(limit.Token) is { } line && !line.StartsWith("kubeconfig:", StringComparison.Ordinal)) Assert.False(sandbox.HasExited);
                using var client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(Path.Combine(_directory, "kubeconfig")));
                _ = sandbox.StandardOutput.ReadToEndAsync(CancellationToken.None);
                var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                var writers = Enumerable.Range(0, 4).Select(w => Task.Run(() => WriteUntilKilledAsync(client, w, acknowledged, enough))).ToList();
                await await Task.WhenAny([enough.Task, .. writers]).WaitAsync(limit.Token);
                sandbox.Kill();
                await Task.WhenAll(writers);
            }
            finally
            {
                if (!sandbox.HasExited) sandbox.Kill();
                await sandbox.WaitForExitAsync();
            }
        }

        await using var again = await ApiTestServer.StartAsync(new SandboxApiServerOptions { DataDirectory = Path.Combine(_directory, "store") });
        var items = (await again.GetAsync(ConfigMaps))["items"]!.AsArray().ToDictionary(i => Text(i, "metadata", "name"), i => i!, StringComparer.Ordinal);
        Assert.All(acknowledged, a =>
        {
            // A write that was on its way at the kill may have come after the last acknowledged one.
            Assert.True(items.TryGetValue(a.Key, out var found), a.Key);
            Assert.True(Number(found) >= long.Parse(a.Value, System.Globalization.CultureInfo.InvariantCulture), a.Key);
        });
    }

    private static async Task WriteUntilKilledAsync(Kubernetes client, int writer, ConcurrentDictionary<string, string> acknowledged, TaskCompletionSource enough)
    {
        try
        {
            for (var i = 0; ; i++)
            {
                var map = new V1ConfigMap { Metadata = new V1ObjectMeta { Name = $"w{writer}-{i}" } };
                map = await client.CoreV1.CreateNamespacedConfigMapAsync(map, "default");
                acknowledged[map.Metadata.Name] = map.Metadata.ResourceVersion;
                map.Data = new Dictionary<string, string> { ["round"] = "2" };
                map = await client.CoreV1.ReplaceNamespacedConfigMapAsync(map, map.Metadata.Name, "default");
                acknowledged[map.Metadata.Name] = map.Metadata.ResourceVersion;
                if (acknowledged.Count >= 100) enough.TrySetResult();
            }
        }
        catch (Exception) when (enough.Task.IsCompleted)
        {
            // Killed, as the test wants it: what the client makes of that is its own matter.
        }
    }

    private static long Number(JsonNode obj) => long.Parse(Text(obj, "metadata", "resourceVersion"), System.Globalization.CultureInfo.InvariantCulture);

    private Task<ApiTestServer> StartAsync(bool keepsHistory = false) => ApiTestServer.StartAsync(new SandboxApiServerOptions { DataDirectory = _directory, KeepsHistory = keepsHistory });
}
