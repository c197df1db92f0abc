namespace AttentionOperator.Sandbox.Controllers;

/// <summary>How the controllers run.</summary>
/// <param name="AutoscalerInterval">How often each HorizontalPodAutoscaler is looked at.</param>
/// <param name="RootCertificate">The API server's certificate authority in PEM, for kube-root-ca.crt; null where it serves plain HTTP.</param>
internal sealed record ControllerSettings(TimeSpan AutoscalerInterval, byte[]? RootCertificate)
{
    public static readonly TimeSpan DefaultAutoscalerInterval = TimeSpan.FromSeconds(15);
}
