using AttentionOperator.Gateway.Hosting;
using AttentionOperator.Kube.Client;

GatewayOptions options;
try
{
    options = GatewayOptions.FromEnvironment(Environment.GetEnvironmentVariable);
}
catch (FormatException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}

using var connection = KubeConnection.Create(new KubeConnectionOptions { UserAgent = "attention-gateway" });
await using var app = GatewayHost.BuildForCluster(options, connection);
await app.RunAsync();
return 0;
