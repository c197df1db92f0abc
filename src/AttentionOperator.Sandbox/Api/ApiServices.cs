using AttentionOperator.Sandbox.Admission;
using AttentionOperator.Sandbox.Aggregation;
using AttentionOperator.Sandbox.Authorization;
using AttentionOperator.Sandbox.Builtins;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Faults;
using AttentionOperator.Sandbox.Operations;
using AttentionOperator.Sandbox.Storage;

namespace AttentionOperator.Sandbox.Api;

/// <summary>The server's parts, wired once.</summary>
internal sealed class ApiServices : IAsyncDisposable
{
    private ApiServices(ApiContext context, SandboxApiServerOptions options)
    {
        Context = context;
        Options = options;
        Reader = new ResourceReader(context);
        Writer = new ResourceWriter(context);
        Deleter = new ResourceDeleter(context, Writer);
        Patcher = new ResourcePatcher(context, Writer);
        Resources = new InProcessResources(this);
        Extensions = new ApiServiceRegistry(this);
        Probes = new ApiServiceProbes(this);
        Connections = new ServiceConnections(this);
        Webhooks = new WebhookClient(Connections);
        FrontProxy = new FrontProxy(options.Clock.GetUtcNow());
        Tokens = new ServiceAccountTokens(this, options.DataDirectory);
        Authorizer = new RoleAuthorizer(context.Store, options.EnforceRbac);
    }

    public ApiContext Context { get; }

    public SandboxApiServerOptions Options { get; }

    public ResourceReader Reader { get; }

    public ResourceWriter Writer { get; }

    public ResourceDeleter Deleter { get; }

    public ResourcePatcher Patcher { get; }

    public IResourceStore Resources { get; }

    /// <summary>Group versions that APIServices hand to other servers.</summary>
    public IReadOnlyCollection<AggregatedApi> Aggregated => Extensions.All;

    public ApiServiceRegistry Extensions { get; }

    public ApiServiceProbes Probes { get; }

    public ServiceConnections Connections { get; }

    public WebhookClient Webhooks { get; }

    public FrontProxy FrontProxy { get; }

    public ServiceAccountTokens Tokens { get; }

    public RoleAuthorizer Authorizer { get; }

    public FaultInjector Faults { get; } = new();

    public CancellationTokenSource Stopping { get; } = new();

    public static async Task<ApiServices> CreateAsync(SandboxApiServerOptions options)
    {
        var log = options.DataDirectory is { } directory ? new WriteAheadLog(directory) : null;
        var registry = new ResourceRegistry();
        foreach (var resource in BuiltinCatalog.All()) registry.Add(resource);
        var context = new ApiContext(new ObjectStore(options.HistoryCapacity, log, options.KeepsHistory), registry, options.Clock);
        var services = new ApiServices(context, options);
        var definitions = new CustomResources(services);
        context.Observers.Add(definitions);
        context.Observers.Add(services.Extensions);
        context.Admission.Plugins.Add(new WebhookAdmission(services, services.Webhooks));
        await definitions.RestoreAsync().ConfigureAwait(false);
        services.Extensions.Restore();
        await InitialObjects.EnsureAsync(services).ConfigureAwait(false);
        await ExtensionAuthentication.PublishAsync(services).ConfigureAwait(false);
        return services;
    }

    public async ValueTask DisposeAsync()
    {
        Webhooks.Dispose();
        FrontProxy.Dispose();
        await Context.Store.DisposeAsync().ConfigureAwait(false);
    }
}
