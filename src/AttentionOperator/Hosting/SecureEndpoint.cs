using System.Net;
using System.Net.Security;
using AttentionOperator.Admission;
using AttentionOperator.AggregatedMetrics;
using AttentionOperator.Certificates;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Serving;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace AttentionOperator.Hosting;

/// <summary>
/// HTTPS for the API server's calls (admission, aggregated APIs), beside plain HTTP for probes and metrics. Served by every replica, with or without the lease; the certificate is kept by
/// the leader, or by somebody else where <c>--certificate-directory</c> says so. Authenticating the caller is the endpoints' concern.
/// </summary>
internal sealed class SecureEndpoint(IServingCertificate? certificate, CertificateKeeper? keeper, FrontProxySource? proxy)
{
    /// <summary>Paths that are served by HTTPS, and by nothing else.</summary>
    private static readonly string[] SecurePaths = [AdmissionEndpoints.Prefix, "/apis"];

    /// <summary>False while HTTPS is to be served and there is no certificate yet.</summary>
    public bool IsReady => certificate is null || certificate.Current is not null;

    public static void Listen(IWebHostBuilder builder, OperatorOptions options)
    {
        if (options.ServiceName is null)
        {
            builder.UseUrls($"http://{options.Listen}");
            return;
        }

        builder.UseKestrelHttpsConfiguration();
        builder.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPEndPoint.Parse(options.Listen));
            kestrel.Listen(IPEndPoint.Parse(options.SecureListen), listen => listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
                {
                    ServerCertificate = kestrel.ApplicationServices.GetRequiredService<IServingCertificate>().Current ?? throw new InvalidOperationException("there is no certificate yet"),
                    ClientCertificateRequired = true,
                    // Who calls is looked at where it matters; admission reviews come without a certificate.
#pragma warning disable CA5359
                    RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
                }),
            }));
        });
    }

    /// <summary>Keeps probes and metrics off HTTPS, and what the API server calls off plain HTTP.</summary>
    public static void Separate(WebApplication app) => app.Use((context, next) =>
    {
        if (context.Request.IsHttps == SecurePaths.Any(path => context.Request.Path.StartsWithSegments(path, StringComparison.Ordinal)))
        {
            return context.RequestServices.GetServices<ISecureApi>().FirstOrDefault(api => context.Request.IsHttps && api.Owns(context.Request.Path)) is { } owner ? owner.HandleAsync(context) : next(context);
        }

        if (context.Request.IsHttps && context.Request.Path.Value is ("/healthz" or "/livez" or "/readyz"))
        {
            // As API servers have them.
            return context.Response.WriteAsync("ok", context.RequestAborted);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    });

    public static void Register(IServiceCollection services, OperatorOptions options)
    {
        if (options.ServiceName is not { } name)
        {
            services.AddSingleton(new SecureEndpoint(null, null, null));
            return;
        }

        if (options.MetricsApis)
        {
            services.AddSingleton<FrontProxySource>();
            services.AddSingleton<AccessReviewer>();
            services.AddSingleton<ISecureApi, MetricsApiHandler>();
        }

        if (options.CertificateDirectory is { } directory)
        {
            services.AddSingleton<IServingCertificate>(provider => new CertificateFiles(directory, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<CertificateFiles>>()));
            services.AddSingleton(provider => new SecureEndpoint(provider.GetRequiredService<IServingCertificate>(), null, provider.GetService<FrontProxySource>()));
            return;
        }

        services.AddSingleton<IServingCertificate>(provider =>
            new ServingCertificate(provider.GetRequiredService<InformerFactory>(), SecretOf(ServiceOf(name, options, provider)), provider.GetRequiredService<ILogger<ServingCertificate>>()));
        services.AddSingleton<IReadOnlyList<CaBundleTarget>>(provider =>
            [.. options.MetricsApis ? ApiServiceTrust.Targets(ServiceOf(name, options, provider)) : [], .. options.WebhookConfiguration is { } webhooks ? WebhookTargets.Of(webhooks, ServiceOf(name, options, provider)) : []]);
        services.AddSingleton(provider =>
        {
            var service = ServiceOf(name, options, provider);
            return new CertificateKeeper(
                provider.GetRequiredService<KubeApi>(),
                SecretOf(service),
                [$"{service.Name}.{service.Namespace}.svc", $"{service.Name}.{service.Namespace}.svc.cluster.local"],
                provider.GetRequiredService<IReadOnlyList<CaBundleTarget>>(),
                new CertificateLifetimes(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<CertificateKeeper>>());
        });
        services.AddSingleton(provider => new SecureEndpoint(provider.GetRequiredService<IServingCertificate>(), provider.GetRequiredService<CertificateKeeper>(), provider.GetService<FrontProxySource>()));
    }

    /// <summary>Every replica's part.</summary>
    public Task RunAsync(CancellationToken cancellation) => Task.WhenAll(certificate?.RunAsync(cancellation) ?? Task.CompletedTask, proxy?.RunAsync(cancellation) ?? Task.CompletedTask);

    /// <summary>The leader's part.</summary>
    public Task KeepAsync(CancellationToken cancellation) => keeper?.RunAsync(cancellation) ?? Task.CompletedTask;

    private static ObjectKey ServiceOf(string name, OperatorOptions options, IServiceProvider provider) => new(options.LeaseNamespace ?? provider.GetRequiredService<KubeConnection>().Namespace, name);

    private static ObjectKey SecretOf(ObjectKey service) => new(service.Namespace, service.Name + "-certificates");
}
