namespace AttentionOperator.Sandbox.Controllers.Autoscaling;

/// <summary>A metric could not be read.</summary>
internal sealed class MetricsException : Exception
{
    public MetricsException(string message)
        : base(message)
    {
    }
}
