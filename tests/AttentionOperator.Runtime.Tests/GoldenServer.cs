using System.Text.Json;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Runtime.Metrics;
using AttentionOperator.Runtime.Serving;
using AttentionOperator.Runtime.Startup;
using Microsoft.Extensions.Logging.Abstractions;

namespace AttentionOperator.Runtime.Tests;

/// <summary>Reference models behind a real server.</summary>
internal static class GoldenServer
{
    public static string Directory(string fixture)
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var candidate = Path.Combine(directory.FullName, "testassets", "golden", fixture);
            if (System.IO.Directory.Exists(candidate)) return candidate;
        }

        throw new DirectoryNotFoundException($"testassets/golden/{fixture} is in no directory above {AppContext.BaseDirectory}");
    }

    public static JsonElement Golden(string fixture)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Directory(fixture), "golden.json")));
        return document.RootElement.Clone();
    }

    public static RuntimeConfiguration Configuration(ModelTask task) => new()
    {
        Model = "tiny",
        Namespace = "team",
        Revision = "abc123",
        Task = task,
        Limits = new LimitsSpec { MaxBatchTokens = 512 },
        Batching = new BatchingSpec { MaxSequences = 8 },
        Threads = 1,
    };

    public static Task<ServedModel> LoadAsync(string directory, RuntimeConfiguration configuration, RuntimeMetrics? metrics = null)
    {
        metrics ??= new RuntimeMetrics(configuration);
        var phases = new PhaseTimer(metrics, TimeProvider.System, NullLogger<PhaseTimer>.Instance);
        return new ModelStarter(metrics, phases, TimeProvider.System, NullLogger<ModelStarter>.Instance)
            .StartAsync(configuration, new ServeArguments("", directory, null, null, DeviceChoice.Cpu), TestContext.Current.CancellationToken);
    }

    public static async Task<TestServer> OpenAsync(string fixture, ModelTask task, Func<RuntimeConfiguration, RuntimeConfiguration>? configure = null)
    {
        var configuration = Configuration(task);
        configuration = configure?.Invoke(configuration) ?? configuration;
        var server = await TestServer.StartingAsync(configuration);
        server.Server.Open(await LoadAsync(Directory(fixture), configuration, server.Server.Metrics));
        return server;
    }

    public static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(i => i.GetInt32())];

    public static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(i => i.GetSingle())];
}
