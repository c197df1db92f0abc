using AttentionOperator.Sandbox.Aggregation;
using AttentionOperator.Sandbox.Builtins;
using AttentionOperator.Sandbox.Discovery;
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
    }

    public ApiContext Context { get; }

    public SandboxApiServerOptions Options { get; }

    public ResourceReader Reader { get; }

    public ResourceWriter Writer { get; }

    public ResourceDeleter Deleter { get; }

    public ResourcePatcher Patcher { get; }

    public IResourceStore Resources { get; }

    /// <summary>Group versions that APIServices hand to other servers.</summary>
    public IReadOnlyCollection<AggregatedApi> Aggregated { get; } = [];

    public CancellationTokenSource Stopping { get; } = new();

    public static async Task<ApiServices> CreateAsync(SandboxApiServerOptions options)
    {
        var log = options.DataDirectory is { } directory ? new WriteAheadLog(directory) : null;
        var registry = new ResourceRegistry();
        foreach (var resource in BuiltinCatalog.All()) registry.Add(resource);
        var context = new ApiContext(new ObjectStore(options.HistoryCapacity, log), registry, options.Clock);
        var services = new ApiServices(context, options);
        var definitions = new CustomResources(services);
        context.Observers.Add(definitions);
        await definitions.RestoreAsync().ConfigureAwait(false);
        await InitialObjects.EnsureAsync(services).ConfigureAwait(false);
        return services;
    }

    public async ValueTask DisposeAsync()
    {
        await Context.Store.DisposeAsync().ConfigureAwait(false);
    }
}
