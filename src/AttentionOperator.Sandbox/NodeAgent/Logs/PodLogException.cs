namespace AttentionOperator.Sandbox.NodeAgent.Logs;

/// <summary>The log cannot be given; <see cref="StatusCode"/> is the answer's HTTP status.</summary>
public sealed class PodLogException : Exception
{
    public PodLogException(int statusCode, string message)
        : base(message) => StatusCode = statusCode;

    public int StatusCode { get; }
}
