using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Aggregation;
using AttentionOperator.Sandbox.Authorization;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Faults;
using AttentionOperator.Sandbox.Operations;

namespace AttentionOperator.Sandbox.Api;

/// <summary>Every request's way: faults, authentication, then health, discovery or a resource; errors become Status objects.</summary>
internal sealed class ApiPipeline
{
    private readonly Authentication _authentication;
    private readonly ResourceHandler _resources;
    private readonly DiscoveryHandler _discovery;
    private readonly ApiServices _services;
    private readonly FaultHandler _faults;
    private readonly AggregationProxy _aggregation;

    public ApiPipeline(ApiServices services, SandboxApiServerOptions options)
    {
        _services = services;
        _authentication = new Authentication(services, options);
        _resources = new ResourceHandler(services);
        _discovery = new DiscoveryHandler(services);
        _faults = new FaultHandler(services);
        _aggregation = new AggregationProxy(services, services.Connections, services.FrontProxy);
    }

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await RouteAsync(context).ConfigureAwait(false);
        }
        catch (ApiException e) when (!context.Response.HasStarted)
        {
            await HttpReplies.ErrorAsync(context, e).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            var reason = e.StatusCode == 413 ? "RequestEntityTooLarge" : "BadRequest";
            await HttpReplies.ErrorAsync(context, new ApiException(e.StatusCode, reason, e.Message)).ConfigureAwait(false);
        }
        catch (ExpiredContinueException e) when (!context.Response.HasStarted)
        {
            var status = e.Error.ToStatus();
            status["metadata"] = new JsonObject { ["continue"] = e.ContinueToken };
            await HttpReplies.JsonAsync(context, 410, status).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested || _services.Stopping.IsCancellationRequested)
        {
            context.Abort();
        }
        catch (IOException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            await HttpReplies.ErrorAsync(context, ApiErrors.Internal(e.ToString())).ConfigureAwait(false);
        }
    }

    private async Task RouteAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "/";
        if (path is "/healthz" or "/livez" or "/readyz" || path.StartsWith("/livez/", StringComparison.Ordinal) || path.StartsWith("/readyz/", StringComparison.Ordinal) || path.StartsWith("/healthz/", StringComparison.Ordinal))
        {
            await HttpReplies.TextAsync(context, 200, "ok").ConfigureAwait(false);
            return;
        }

        var user = _authentication.Authenticate(context);
        if (await _faults.TryAdministerAsync(context, path, user).ConfigureAwait(false)) return;
        if (await _faults.StrikeAsync(context, path, () => ServeAsync(context, path, user)).ConfigureAwait(false)) return;
        await ServeAsync(context, path, user).ConfigureAwait(false);
    }

    private async Task ServeAsync(HttpContext context, string path, RequestUser user)
    {
        // Rights are asked before a request is handed to another server: that one trusts what the aggregator lets through.
        var info = RequestInfo.Parse(path);
        if (info is not null) RequestAuthorization.Check(_services, context, info, user);
        if (await _aggregation.TryHandleAsync(context, path, user).ConfigureAwait(false)) return;
        if (await _discovery.TryHandleAsync(context, path).ConfigureAwait(false)) return;
        if (info is null || !_services.Context.Registry.HasGroupVersion(info.Group, info.Version)) throw ApiErrors.PageNotFound();
        await _resources.HandleAsync(context, info, user).ConfigureAwait(false);
    }
}
