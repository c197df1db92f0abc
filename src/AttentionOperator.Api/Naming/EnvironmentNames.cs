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

    /// <summary>Secret that holds <see cref="InternalToken"/>, in the gateway's namespace and in those of the models; optional.</summary>
    public const string InternalTokenSecret = "attention-internal-token";

    /// <summary>Its entry.</summary>
    public const string InternalTokenKey = "token";

    /// <summary>OTLP endpoint for traces (the OpenTelemetry SDK's own name); unset = no traces are exported.</summary>
    public const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary><c>true</c> records prompts and answers in spans (OpenTelemetry's own name); anything else does not.</summary>
    public const string CaptureContent = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
}
