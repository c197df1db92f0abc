using System.Text.Json.Nodes;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Scaling;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Demand;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;
using AttentionOperator.Serving;

namespace AttentionOperator.AggregatedMetrics;

/// <summary>
/// Serves external.metrics.k8s.io and custom.metrics.k8s.io as an aggregated API server does: the API server says who asks, and is asked whether he may. Every replica
/// answers, not the leader alone.
/// </summary>
internal sealed class MetricsApiHandler(ModelCaches caches, IDemandSource demand, FrontProxySource proxy, AccessReviewer reviewer, TimeProvider time, ILogger<MetricsApiHandler> logger) : ISecureApi
{
    private const string AggregatedForm = "as=APIGroupDiscoveryList";

    public bool Owns(PathString path) => path.StartsWithSegments("/apis", StringComparison.Ordinal);

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await AnswerAsync(context);
        }
        catch (Exception e) when (e is KubeApiException or HttpRequestException)
        {
            MetricsApiLog.Unauthorizable(logger, e.Message);
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "ServiceUnavailable", $"the request cannot be authorized: {e.Message}");
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        var certificate = await context.Connection.GetClientCertificateAsync(context.RequestAborted);
        if (FrontProxyAuthenticator.Authenticate(proxy.Settings, certificate, context.Request.Headers, time.GetUtcNow()) is not { } user)
        {
            await RefuseAsync(context, StatusCodes.Status401Unauthorized, "Unauthorized", "Unauthorized");
            return;
        }

        var request = MetricsRequest.Parse(path);
        // As the API server reads the paths itself: an external metric is a collection, a custom one a subresource.
        var question = request.Kind switch
        {
            MetricsRequestKind.External => new AccessQuestion("list", request.Group, request.Version, request.Resource, "", request.Namespace),
            MetricsRequestKind.Custom => new AccessQuestion("get", request.Group, request.Version, request.Resource, request.Metric, request.Namespace, request.Name),
            _ => new AccessQuestion("get", Path: path),
        };
        if (!await reviewer.AllowsAsync(user, question, context.RequestAborted))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "Forbidden", $"User \"{user.Name}\" cannot {question.Verb} {(question.Path is null ? $"\"{question.Resource}\" in API group \"{question.Group}\" in the namespace \"{question.Namespace}\"" : $"path \"{path}\"")}");
            return;
        }

        if (!HttpMethods.IsGet(context.Request.Method))
        {
            await RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, "MethodNotAllowed", "the server does not allow this method on the requested resource");
            return;
        }

        await (request.Kind switch
        {
            MetricsRequestKind.Groups => GroupsAsync(context),
            MetricsRequestKind.Group => WriteAsync(context, MetricsDiscovery.Group(request.Group)),
            MetricsRequestKind.Resources => WriteAsync(context, MetricsDiscovery.Resources(request.Group, request.Version)),
            MetricsRequestKind.External or MetricsRequestKind.Custom => ValuesAsync(context, request),
            _ => RefuseAsync(context, StatusCodes.Status404NotFound, "NotFound", "the server could not find the requested resource"),
        });
    }

    private static Task GroupsAsync(HttpContext context)
    {
        foreach (var version in (string[])["v2", "v2beta1"])
        {
            var form = $"application/json;g=apidiscovery.k8s.io;v={version};{AggregatedForm}";
            if (context.Request.Headers.Accept.SelectMany(accept => (accept ?? "").Split(',')).Any(accept => accept.Replace(" ", "", StringComparison.Ordinal).StartsWith(form, StringComparison.Ordinal)))
            {
                return WriteAsync(context, MetricsDiscovery.Aggregated($"apidiscovery.k8s.io/{version}"), contentType: form);
            }
        }

        return WriteAsync(context, MetricsDiscovery.Groups());
    }

    private async Task ValuesAsync(HttpContext context, MetricsRequest request)
    {
        if (!ScalingMetricNames.All.Contains(request.Metric) || (request.Kind == MetricsRequestKind.Custom && request.Resource != MetricsRequest.ModelResource))
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, "NotFound", $"there is no metric {request.Metric} of {(request.Resource == request.Metric ? "AttentionModels" : request.Resource)}; known are {string.Join(", ", ScalingMetricNames.All)} of {MetricsRequest.ModelResource}");
            return;
        }

        IReadOnlyList<KubeObject> models;
        try
        {
            models = Select(context, request);
        }
        catch (FormatException e)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "BadRequest", e.Message);
            return;
        }

        if (models.Count == 0 && request.Kind == MetricsRequestKind.Custom && request.Name != "*")
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, "NotFound", $"{MetricsRequest.ModelResource} \"{request.Name}\" not found");
            return;
        }

        var values = new List<(ObjectKey Model, decimal Value)>();
        foreach (var model in models)
        {
            if (await ValueAsync(model, request.Metric, context.RequestAborted) is { } value)
            {
                values.Add((model.Key, value));
                continue;
            }

            // A sum without one of its parts would be too small, and take replicas away.
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "ServiceUnavailable", $"{request.Metric} of AttentionModel {model.Key} is not known now: a gateway or a replica could not be read, or does not have it");
            return;
        }

        var now = time.GetUtcNow();
        await WriteAsync(context, request.Kind == MetricsRequestKind.External
            ? MetricDocuments.External(request.Metric, values, now)
            : MetricDocuments.Custom(request.Version, request.Metric, values, now));
    }

    /// <summary>For external metrics the selector is over the label <c>model</c> and the AttentionModel's own labels, for custom ones over the latter.</summary>
    private IReadOnlyList<KubeObject> Select(HttpContext context, MetricsRequest request)
    {
        if (request is { Kind: MetricsRequestKind.Custom, Name: not "*" })
        {
            return caches.Models.Get(new ObjectKey(request.Namespace, request.Name)) is { } one ? [one] : [];
        }

        var selector = LabelSelector.Parse(context.Request.Query["labelSelector"]);
        return
        [
            .. caches.Models.List()
                .Where(model => model.Key.Namespace == request.Namespace)
                .Where(model => selector.Matches(new Dictionary<string, string>(model.Labels, StringComparer.Ordinal) { [MetricNames.Model] = model.Key.Name }))
                .OrderBy(model => model.Key.Name, StringComparer.Ordinal),
        ];
    }

    private async Task<decimal?> ValueAsync(KubeObject model, string metric, CancellationToken cancellation)
    {
        if (metric == ScalingMetricNames.FirstTokenP95)
        {
            return await demand.FirstTokenP95Async(model.Key, cancellation) is { } seconds ? (decimal)seconds : null;
        }

        var (read, error) = ModelReader.Read(model);
        var targets = ScalingTargets.Of(error is null ? read.Spec : new AttentionModelSpec());
        return DemandMetrics.Value(metric, await demand.ReadAsync(model.Key, true, cancellation), targets);
    }

    private static Task RefuseAsync(HttpContext context, int code, string reason, string message) => WriteAsync(context, MetricDocuments.Failure(code, reason, message), code);

    private static Task WriteAsync(HttpContext context, JsonObject document, int code = StatusCodes.Status200OK, string contentType = "application/json")
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = contentType;
        return context.Response.WriteAsync(document.ToJsonString(), context.RequestAborted);
    }
}
