using System.Text.Json.Nodes;
using AttentionOperator.GatewayBench.Load;

namespace AttentionOperator.GatewayBench.Phases;

/// <summary>The model that most phases ask, with everything on: keys, limits per minute, an exact token cap, objectives.</summary>
internal static class TenantModel
{
    public const string Name = "chat";
    public const string Revision = "rev-a";
    public const string Secret = "keys";

    /// <summary>A tenant whose limits are never reached.</summary>
    public const string Key = "plenty";

    public static async Task CreateAsync(BenchContext context, CancellationToken cancellation)
    {
        await context.Cluster.CreateKeysAsync(
            Secret,
            cancellation,
            (Key, new JsonObject { ["tenant"] = "plenty", ["class"] = "interactive", ["requestsPerMinute"] = 100_000_000, ["tokensPerMinute"] = 2_000_000_000, ["concurrentRequests"] = 100_000 }),
            ("quiet", new JsonObject { ["tenant"] = "quiet", ["requestsPerMinute"] = 60_000, ["tokensPerMinute"] = 100_000_000 }),
            ("noisy", new JsonObject { ["tenant"] = "noisy", ["requestsPerMinute"] = 1_200, ["tokensPerMinute"] = 100_000_000 }),
            ("burst", new JsonObject { ["tenant"] = "burst", ["tokensPerMinute"] = 20_000 }));
        await context.Cluster.CreateModelAsync(Name, Spec(), cancellation);
        await context.Cluster.SetTrafficAsync(Name, cancellation, (Revision, 100));
    }

    public static JsonObject Spec(int maxSequences = 4096) => new()
    {
        ["limits"] = new JsonObject { ["maxInputTokens"] = 16_384, ["maxOutputTokens"] = 4096 },
        ["batching"] = new JsonObject { ["maxSequences"] = maxSequences },
        ["security"] = new JsonObject { ["apiKeysSecretRef"] = new JsonObject { ["name"] = Secret } },
    };

    /// <summary>Conversations of about 200 tokens; every second one asks for a stream of 8 tokens.</summary>
    public static IReadOnlyList<byte[]> Mixed() =>
        [.. Enumerable.Range(0, 32).Select(i => Requests.Post("/v1/chat/completions", Requests.Chat(Name, 150, 8, stream: i % 2 == 1, seed: i), Key))];

    public static byte[] Plain() => Requests.Post("/v1/chat/completions", Requests.Chat(Name, 150, 8, stream: false), Key);
}
