namespace AttentionOperator.Api.Naming;

/// <summary>Environment of the pods' processes.</summary>
public static class EnvironmentNames
{
    /// <summary>Downward API: the pod's own address.</summary>
    public const string PodIp = "POD_IP";

    /// <summary>Downward API: the pod's name.</summary>
    public const string PodName = "POD_NAME";

    /// <summary>Path of the termination message; default <see cref="RuntimeLayout.TerminationLog"/>.</summary>
    public const string TerminationLog = "TERMINATION_LOG";

    /// <summary>
    /// Shared secret of gateway and runtime, from a Secret: what <see cref="HeaderNames.ContinuationToken"/> must carry.
    /// Unset = the continuation protocol is off.
    /// </summary>
    public const string InternalToken = "ATTENTION_INTERNAL_TOKEN";

    /// <summary>Secret that holds <see cref="InternalToken"/> in a namespace of models; the operator writes it (<see cref="Runtime.InternalTokenDerivation"/>).</summary>
    public const string InternalTokenSecret = "attention-internal-token";

    /// <summary>Secret in the operator's and the gateway's namespace that the tokens of all namespaces are derived from; the operator makes it once.</summary>
    public const string InternalRootSecret = "attention-internal-root";

    /// <summary>Entry of <see cref="InternalRootSecret"/> with the root before the newest change: runtimes that started under it are still believed.</summary>
    public const string InternalPreviousKey = "previous";

    /// <summary>Its entry.</summary>
    public const string InternalTokenKey = "token";

    /// <summary>OTLP endpoint for traces (the OpenTelemetry SDK's own name); unset = no traces are exported.</summary>
    public const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary><c>true</c> records prompts and answers in spans (OpenTelemetry's own name); anything else does not.</summary>
    public const string CaptureContent = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
}
