using System.Text.Json.Nodes;
using System.Threading.Channels;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Operations;

namespace AttentionOperator.Sandbox.Aggregation;

/// <summary>
/// Keeps the Available condition of APIServices true: looks at the Service, its endpoints and the server's discovery after every change of one of them, and every
/// thirty seconds.
/// </summary>
internal sealed class ApiServiceProbes(ApiServices services)
{
    public const string StorageKey = "apiregistration.k8s.io/apiservices";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly Channel<string> _names = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });

    public void Add(string name) => _names.Writer.TryWrite(name);

    /// <summary>Probes until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var timer = services.Context.Clock.CreateTimer(_ => AddAll(), null, Interval, Interval);
        try
        {
            await foreach (var name in _names.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                await ProbeAsync(name, cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The usual end.
        }
    }

    private void AddAll()
    {
        foreach (var api in services.Extensions.All) Add($"{api.Version}.{api.Group}");
    }

    private async Task ProbeAsync(string name, CancellationToken cancellation)
    {
        if (services.Context.Store.Find(StorageKey, "", name)?.Parse() is not { } live) return;
        var (available, reason, message) = live.At("spec", "service") is null
            ? (true, "Local", "Local APIServices are always available")
            : services.Extensions.Find(live.At("spec").Text("group") ?? "", live.At("spec").Text("version") ?? "") is { } api ? await CheckAsync(api, cancellation).ConfigureAwait(false) : default;
        if (reason is null) return;
        var status = available ? "True" : "False";
        var old = (live.At("status", "conditions") as JsonArray).Objects().FirstOrDefault(c => c.Text("type") == "Available");
        // The message names the endpoint that was asked, which with several is another one each time: writing that would bring the next probe at once, for ever.
        if (old is not null && (old.Text("status"), old.Text("reason")) == (status, reason)) return;
        var condition = new JsonObject
        {
            ["type"] = "Available",
            ["status"] = status,
            ["lastTransitionTime"] = old?.Text("status") == status ? old!.Text("lastTransitionTime") : ObjectMeta.Time(services.Context.Clock.GetUtcNow()),
            ["reason"] = reason,
            ["message"] = message,
        };
        var resource = services.Context.Registry.FindAnyVersion("apiregistration.k8s.io", "apiservices")!;
        try
        {
            await services.Writer.ChangeAsync(resource, null, name, "status", current =>
            {
                current.Ensure("status")["conditions"] = new JsonArray(condition.DeepClone());
                return current;
            }, WriteOptions.Default with { FieldManager = "kube-apiserver" }, applying: false).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.Code is 404 or 409)
        {
            // Gone, or changed meanwhile: the change brings it back.
        }
    }

    private async Task<(bool Available, string Reason, string Message)> CheckAsync(AggregatedApi api, CancellationToken cancellation)
    {
        var target = api.Service;
        var store = services.Context.Store;
        if (store.Find("/services", target.Namespace, target.Name)?.Parse() is not { } service)
            return (false, "ServiceNotFound", $"service/{target.Name} in \"{target.Namespace}\" is not present");
        if ((service.At("spec", "ports") as JsonArray).Objects().FirstOrDefault(p => p.Integer("port") == target.Port) is not { } port)
            return (false, "ServicePortError", $"service/{target.Name} in \"{target.Namespace}\" is not listening on port {target.Port}");
        var slices = store.Snapshot("discovery.k8s.io/endpointslices").Objects(target.Namespace).Where(s => s.Labels.GetValueOrDefault("kubernetes.io/service-name") == target.Name).ToList();
        if (slices.Count == 0) return (false, "EndpointsNotFound", $"cannot find endpointslices for service/{target.Name} in \"{target.Namespace}\"");
        if (!slices.Any(s => s.Parse().Array("endpoints").Objects().Any(e => e.At("conditions").Flag("ready") != false)))
            return (false, "MissingEndpoints", $"endpoints for service/{target.Name} in \"{target.Namespace}\" have no addresses with port name \"{port.Text("name") ?? ""}\"");
        var url = $"https://{target.Name}.{target.Namespace}.svc:{target.Port}/apis/{api.Group}/{api.Version}";
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(Patience);
            using var client = services.Connections.Client(target, api.CaBundle, api.InsecureSkipTlsVerify, services.FrontProxy.Certificate);
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url));
            request.Headers.TryAddWithoutValidation("X-Remote-User", "system:kube-aggregator");
            request.Headers.TryAddWithoutValidation("X-Remote-Group", "system:masters");
            using var answer = await client.SendAsync(request, limit.Token).ConfigureAwait(false);
            return answer.IsSuccessStatusCode || (int)answer.StatusCode is 401 or 403
                ? (true, "Passed", "all checks passed")
                : (false, "FailedDiscoveryCheck", $"failing or missing response from {url}: bad status from {url}: {(int)answer.StatusCode}");
        }
        catch (Exception e) when (e is HttpRequestException or ServiceUnreachableException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return (false, "FailedDiscoveryCheck", $"failing or missing response from {url}: {e.InnerException?.Message ?? e.Message}");
        }
    }
}
