using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Informers;
using k8s.Models;

namespace AttentionOperator.Gateway.Hosting;

/// <summary>What the gateway watches: AttentionModels, and the EndpointSlices of their revisions.</summary>
internal sealed class GatewayInformers : BackgroundService, IGatewayReadiness
{
    public GatewayInformers(KubeConnection connection, string? ns, ILoggerFactory loggers)
    {
        var factory = new InformerFactory(connection, loggers);
        Models = factory.Typed(new InformerOptions<AttentionModel> { Namespace = ns ?? "" });
        EndpointSlices = factory.Typed(new InformerOptions<V1EndpointSlice> { Namespace = ns ?? "", LabelSelector = LabelNames.Model });
    }

    public SharedInformer<AttentionModel> Models { get; }

    public SharedInformer<V1EndpointSlice> EndpointSlices { get; }

    public bool IsReady => Models.HasSynced && EndpointSlices.HasSynced;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Models.RunAsync(stoppingToken), EndpointSlices.RunAsync(stoppingToken));
}
