using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Informers;
using k8s.Models;

namespace AttentionOperator.Gateway.Hosting;

/// <summary>What the gateway watches: AttentionModels, the EndpointSlices of their revisions, the Secrets with API keys, and the one that the internal tokens come from.</summary>
internal sealed class GatewayInformers : BackgroundService, IGatewayReadiness
{
    public GatewayInformers(KubeConnection connection, string? ns, string home, ILoggerFactory loggers)
    {
        var factory = new InformerFactory(connection, loggers);
        Models = factory.Typed(new InformerOptions<AttentionModel> { Namespace = ns ?? "" });
        EndpointSlices = factory.Typed(new InformerOptions<V1EndpointSlice> { Namespace = ns ?? "", LabelSelector = LabelNames.Model });
        InternalRoot = factory.Typed(new InformerOptions<V1Secret> { Namespace = home, FieldSelector = $"metadata.name={EnvironmentNames.InternalRootSecret}" });
        Gateways = factory.Typed(new InformerOptions<V1EndpointSlice> { Namespace = home, LabelSelector = $"{LabelNames.AppComponent}={LabelNames.GatewayComponent}" });
        ApiKeys = factory.Typed(new InformerOptions<V1Secret> { Namespace = ns ?? "", LabelSelector = $"{LabelNames.ApiKeys}=true" });
    }

    public SharedInformer<AttentionModel> Models { get; }

    public SharedInformer<V1EndpointSlice> EndpointSlices { get; }

    public SharedInformer<V1Secret> ApiKeys { get; }

    /// <summary>The one Secret that the runtimes' tokens are derived from.</summary>
    public SharedInformer<V1Secret> InternalRoot { get; }

    /// <summary>Where all gateways are, this one among them.</summary>
    public SharedInformer<V1EndpointSlice> Gateways { get; }

    /// <summary>Keys are not waited for: a gateway that may not read Secrets still serves open models, and refuses the others.</summary>
    public bool IsReady => Models.HasSynced && EndpointSlices.HasSynced;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Models.RunAsync(stoppingToken), EndpointSlices.RunAsync(stoppingToken), ApiKeys.RunAsync(stoppingToken), InternalRoot.RunAsync(stoppingToken), Gateways.RunAsync(stoppingToken));
}
