using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Gateway.Errors;
using AttentionOperator.Gateway.Forwarding;
using AttentionOperator.Gateway.Requests;
using AttentionOperator.Gateway.Routing;
using AttentionOperator.Gateway.Slis;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Informers;
using k8s.Models;
using Prometheus;
using Yarp.ReverseProxy.Forwarder;

namespace AttentionOperator.Gateway.Hosting;

/// <summary>Puts the gateway together: informers → routing table → proxy; and the admin port.</summary>
internal static class GatewayHost
{
    public static WebApplication Build(GatewayOptions options, KubeConnection connection)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddJsonConsole(o => o.UseUtcTimestamp = true).SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Yarp", LogLevel.Error);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null; // bounded, with an error in OpenAI's shape, where the body is read
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
            kestrel.Listen(options.Address, options.Port);
            kestrel.Listen(options.Address, options.AdminPort);
        });
        builder.Services.AddHttpForwarder();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(new GatewayLimits(options.MaxBodyBytes));
        builder.Services.AddSingleton(_ => UpstreamClient.Create());
        builder.Services.AddSingleton<SliRegistry>();
        builder.Services.AddSingleton<RequestForwarder>();
        builder.Services.AddSingleton<ProxyEndpoint>();
        builder.Services.AddSingleton(provider => new GatewayInformers(connection, options.Namespace, provider.GetRequiredService<ILoggerFactory>()));
        builder.Services.AddSingleton(provider => Route(provider, options.Namespace ?? connection.Namespace));
        builder.Services.AddHostedService(provider => provider.GetRequiredService<GatewayInformers>());
        var app = builder.Build();
        // Built before the informers run, so that no event is missed.
        _ = app.Services.GetRequiredService<RoutingTableSource>();
        app.MapWhen(context => context.Connection.LocalPort == AdminPort(app, options), admin => Admin(admin, app));
        Clients(app);
        return app;
    }

    private static int AdminPort(WebApplication app, GatewayOptions options) => options.AdminPort != 0 ? options.AdminPort : new Uri(app.Urls.Last()).Port;

    private static RoutingTableSource Route(IServiceProvider provider, string home)
    {
        var informers = provider.GetRequiredService<GatewayInformers>();
        var slis = provider.GetRequiredService<SliRegistry>();
        var source = new RoutingTableSource(home);
        source.Changed += (key, route) =>
        {
            slis.Configure(key, route?.Spec.Slo, route is not null);
            if (route is not null) slis.For(key).Retain(route.Revisions.Select(r => r.Revision).ToHashSet(StringComparer.Ordinal));
        };
        RoutingWatch.Connect(informers.Models, informers.EndpointSlices, source);
        return source;
    }

    private static void Clients(WebApplication app)
    {
        var proxy = app.Services.GetRequiredService<ProxyEndpoint>();
        var routing = app.Services.GetRequiredService<RoutingTableSource>();
        foreach (var path in new[] { "/v1/{**rest}", "/tokenize", "/detokenize" }) app.MapPost(path, proxy.HandleAsync);
        app.MapGet("/v1/models", context => context.Response.WriteAsJsonAsync(ModelsEndpoint.List(routing.Table)));
        app.MapGet("/health/live", () => Results.Ok());
        app.MapFallback(context => new GatewayError(404, "PathNotFound", $"{context.Request.Method} {context.Request.Path} is not part of this API. Known: POST /v1/chat/completions, /v1/completions, /v1/embeddings, /v1/rerank, /v1/classify, /tokenize, /detokenize; GET /v1/models.").WriteAsync(context));
    }

    private static void Admin(IApplicationBuilder admin, WebApplication app)
    {
        var slis = app.Services.GetRequiredService<SliRegistry>();
        var informers = app.Services.GetRequiredService<GatewayInformers>();
        admin.Use((context, next) =>
        {
            // The application has routed already, to the clients' fallback, and routing leaves a chosen endpoint alone.
            context.SetEndpoint(null);
            return next(context);
        });
        admin.UseRouting();
        admin.UseEndpoints(endpoints =>
        {
            endpoints.MapGet("/slis", context => context.Response.WriteAsJsonAsync(slis.Snapshot()));
            endpoints.MapGet("/health/live", () => Results.Ok());
            endpoints.MapGet("/health/ready", () => informers.HaveSynced ? Results.Ok() : Results.StatusCode(503));
            endpoints.MapMetrics();
        });
    }
}
