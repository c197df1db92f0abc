using AttentionOperator.Api.Naming;
using AttentionOperator.Gateway.Hosting;
using AttentionOperator.Kube.Client;

var options = new GatewayOptions
{
    Address = GatewayOptions.AddressOf(Environment.GetEnvironmentVariable(EnvironmentNames.PodIp)),
    Namespace = Environment.GetEnvironmentVariable("WATCH_NAMESPACE") is { Length: > 0 } ns ? ns : null,
    Replicas = int.TryParse(Environment.GetEnvironmentVariable("GATEWAY_REPLICAS"), out var replicas) && replicas > 0 ? replicas : 1,
    TokenizerDirectory = Environment.GetEnvironmentVariable("TOKENIZERS") is { Length: > 0 } tokenizers ? tokenizers : null,
    InternalToken = Environment.GetEnvironmentVariable(EnvironmentNames.InternalToken) is { Length: > 0 } token ? token : null,
};
using var connection = KubeConnection.Create(new KubeConnectionOptions { UserAgent = "attention-gateway" });
await using var app = GatewayHost.BuildForCluster(options, connection);
await app.RunAsync();
return 0;
