using System.Runtime.CompilerServices;
using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Serialization;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Hosting;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Sandbox.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

[assembly: AssemblyFixture(typeof(AttentionOperator.Cli.Tests.OverHttp.CommandCluster))]

namespace AttentionOperator.Cli.Tests.OverHttp;

/// <summary>A whole cluster whose pods only say that they run, with an operator in it, for the commands to work on.</summary>
public sealed class CommandCluster : IAsyncLifetime
{
    private static readonly ResourceKind Crds = new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false);
    private static readonly ResourceKind Claims = new("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim");
    private static readonly ResourceKind Models = new(ApiNames.Group, ApiNames.Version, ApiNames.Plural, ApiNames.Kind);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private SandboxHost sandbox = null!;
    private WebApplication app = null!;
    private KubeConnection connection = null!;
    private KubeApi api = null!;

    public string KubeConfig => sandbox.KubeConfig;

    public async ValueTask InitializeAsync()
    {
        sandbox = await SandboxHost.StartAsync(new SandboxSettings { FakedPods = true }, NullLoggerFactory.Instance, TimeProvider.System, default);
        connection = KubeConnection.Create(new KubeConnectionOptions { KubeConfig = sandbox.KubeConfig });
        api = new KubeApi(connection);
        await api.CreateAsync(Crds, "", Json(await File.ReadAllTextAsync(Repository("crds", "attentionmodels.attentionoperator.io.yaml"))), default);
        await api.CreateAsync(Claims, "default", Json("{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: models}, spec: {accessModes: [ReadOnlyMany], resources: {requests: {storage: 1Gi}}}}"), default);
        app = OperatorHost.Build(new OperatorOptions { KubeConfig = sandbox.KubeConfig, Listen = "127.0.0.1:0", LeaderElection = false, LogLevel = LogLevel.Warning });
        await app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        connection.Dispose();
        await sandbox.DisposeAsync();
    }

    internal Task CreateAsync(string name, string spec) => api.CreateAsync(
        Models, "default", Json($"{{apiVersion: {ApiNames.ApiVersion}, kind: {ApiNames.Kind}, metadata: {{name: {name}}}, spec: {spec}}}"), default);

    internal Task PatchAsync(string name, string patch) => api.MergePatchAsync(Models, new ObjectKey("default", name), Json(patch), null, default);

    internal async Task<AttentionModel> UntilAsync(string name, Func<AttentionModelStatus, bool> holds, [CallerArgumentExpression(nameof(holds))] string what = "")
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var model = (await api.GetAsync(Models, new ObjectKey("default", name), default))!.As<AttentionModel>();
            if (model.Status is { } status && status.ObservedGeneration == model.Metadata.Generation && holds(status))
            {
                return model;
            }

            Assert.False(patience.IsCancellationRequested, $"{name}: {what} did not come true: {JsonSerializer.Serialize(model.Status, KubeJson.Options)}");
            await Task.Delay(50);
        }
    }

    private static byte[] Json(string yaml) => JsonSerializer.SerializeToUtf8Bytes(YamlDocuments.Parse(yaml)[0]);

    private static string Repository(string folder, string file, [CallerFilePath] string path = "") => Path.Combine(Path.GetDirectoryName(path)!, "..", "..", "..", folder, file);
}
