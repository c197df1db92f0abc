using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Secrets;
using AttentionOperator.Tests.OverHttp;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Tests.Secrets;

public sealed class InternalTokenKeeperTests : IAsyncLifetime
{
    private static readonly ResourceKind Secrets = new("", "v1", "secrets", "Secret");
    private static readonly ResourceKind Namespaces = new("", "v1", "namespaces", "Namespace", false);
    private readonly FakeTimeProvider time = new();
    private readonly RecordedCalls calls = new();
    private readonly string kubeConfig = Path.Combine(Path.GetTempPath(), $"attention-{Guid.NewGuid():N}.kubeconfig");
    private SandboxApiServer server = null!;
    private KubeConnection connection = null!;
    private KubeApi api = null!;
    private InternalTokenKeeper keeper = null!;

    public async ValueTask InitializeAsync()
    {
        server = await SandboxApiServer.StartAsync();
        await File.WriteAllTextAsync(kubeConfig, server.KubeConfig);
        connection = KubeConnection.Create(new KubeConnectionOptions { KubeConfig = kubeConfig }, null, null, calls);
        api = new KubeApi(connection, "test");
        foreach (var ns in new[] { "system", "models", "other" })
        {
            await api.CreateOnceAsync(Namespaces, "", JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = ns } }), default);
        }

        keeper = Keeper();
    }

    public async ValueTask DisposeAsync()
    {
        connection.Dispose();
        await server.DisposeAsync();
        File.Delete(kubeConfig);
    }

    [Fact]
    public async Task Each_namespace_has_a_token_of_its_own_that_comes_from_one_root()
    {
        await keeper.EnsureAsync("models", default);
        await keeper.EnsureAsync("other", default);
        var root = await TokenAsync("system", EnvironmentNames.InternalRootSecret);
        Assert.Equal(64, root.Length);
        Assert.Equal(InternalTokenDerivation.Derive(root, "models"), await TokenAsync("models", EnvironmentNames.InternalTokenSecret));
        Assert.Equal(InternalTokenDerivation.Derive(root, "other"), await TokenAsync("other", EnvironmentNames.InternalTokenSecret));
    }

    [Fact]
    public async Task A_second_look_costs_nothing_until_it_is_due()
    {
        await keeper.EnsureAsync("models", default);
        var before = calls.All.Count;
        await keeper.EnsureAsync("models", default);
        Assert.Equal(before, calls.All.Count);
        time.Advance(TimeSpan.FromMinutes(10));
        await keeper.EnsureAsync("models", default);
        Assert.Equal(before + 2, calls.All.Count);
    }

    [Fact]
    public async Task Another_operator_keeps_the_root_and_a_changed_root_reaches_the_namespaces()
    {
        await keeper.EnsureAsync("models", default);
        var root = await TokenAsync("system", EnvironmentNames.InternalRootSecret);
        var second = Keeper();
        await second.EnsureAsync("models", default);
        Assert.Equal(root, await TokenAsync("system", EnvironmentNames.InternalRootSecret));
        await api.MergePatchAsync(Secrets, new ObjectKey("system", EnvironmentNames.InternalRootSecret), JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["data"] = new JsonObject { ["token"] = Convert.ToBase64String("changed"u8) } }), null, default);
        time.Advance(TimeSpan.FromMinutes(10));
        await second.EnsureAsync("models", default);
        Assert.Equal(InternalTokenDerivation.Derive("changed", "models"), await TokenAsync("models", EnvironmentNames.InternalTokenSecret));
    }

    [Fact]
    public async Task A_secret_of_somebody_else_is_left_alone()
    {
        var foreign = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Secret", ["metadata"] = new JsonObject { ["name"] = EnvironmentNames.InternalTokenSecret, ["namespace"] = "models" }, ["data"] = new JsonObject { ["token"] = Convert.ToBase64String("mine"u8) } };
        await api.CreateAsync(Secrets, "models", JsonSerializer.SerializeToUtf8Bytes(foreign), default);
        await keeper.EnsureAsync("models", default);
        Assert.Equal("mine", await TokenAsync("models", EnvironmentNames.InternalTokenSecret));
    }

    [Fact]
    public async Task What_the_server_refuses_is_tried_again_and_no_reason_to_fail()
    {
        await keeper.EnsureAsync("missing", default);
        var before = calls.All.Count;
        time.Advance(TimeSpan.FromSeconds(30));
        await keeper.EnsureAsync("missing", default);
        Assert.Equal(before, calls.All.Count);
        time.Advance(TimeSpan.FromSeconds(30));
        await keeper.EnsureAsync("missing", default);
        Assert.True(calls.All.Count > before);
    }

    private InternalTokenKeeper Keeper() => new(api, "system", time, NullLogger<InternalTokenKeeper>.Instance);

    private async Task<string> TokenAsync(string ns, string name)
    {
        var secret = await api.GetAsync(Secrets, new ObjectKey(ns, name), default);
        using var document = secret!.Parse();
        return Encoding.UTF8.GetString(document.RootElement.GetProperty("data").GetProperty("token").GetBytesFromBase64());
    }
}
