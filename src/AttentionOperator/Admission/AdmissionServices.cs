using AttentionOperator.Hosting;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Metrics;

namespace AttentionOperator.Admission;

/// <summary>Puts the parts of admission together.</summary>
internal static class AdmissionServices
{
    public static void Register(IServiceCollection services, OperatorOptions options, KubeConnectionOptions connectionOptions)
    {
        services.AddSingleton<ModelDirectory>();
        // A connection of its own: whoever writes a model does not stand in line behind the reconcilers.
        services.AddKeyedSingleton(nameof(Admission), (provider, _) => KubeConnection.CreateForLease(connectionOptions, provider.GetRequiredService<KubeMetrics>()));
        services.AddSingleton(provider => new ReferenceProbe(provider.GetRequiredKeyedService<KubeConnection>(nameof(Admission)), options.CheckSecrets, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ModelAdmission>();
    }
}
