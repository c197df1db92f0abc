namespace AttentionOperator.Api.Runtime;

/// <summary>
/// Why a runtime pod could not start (or fetch its model). The same word is the termination message's reason, the condition's
/// reason on the AttentionModel and the event's reason.
/// </summary>
public enum StartFailureReason
{
    /// <summary>runtime.json, an argument or an environment value is missing or contradicts another.</summary>
    ConfigurationInvalid,

    /// <summary>The model directory, or a file that it must hold, does not exist or cannot be read.</summary>
    ModelNotFound,

    /// <summary>The model's files have another sha256 than the spec pins.</summary>
    ModelDigestMismatch,

    /// <summary>A file of the model is damaged or contradicts another (truncated safetensors, missing tensor, wrong shape).</summary>
    ModelFormatInvalid,

    /// <summary>The model's architecture, or an option of it, is not implemented.</summary>
    UnsupportedArchitecture,

    /// <summary>The model cannot do the task of the spec (for example Embed on a decoder).</summary>
    TaskMismatch,

    /// <summary>The tokenizer's files are missing, damaged, or of an unknown kind.</summary>
    TokenizerInvalid,

    /// <summary>The tokenizer has another fingerprint than the spec pins.</summary>
    TokenizerDigestMismatch,

    /// <summary>Weights, activations and the smallest cache do not fit the memory; the message holds the numbers.</summary>
    OutOfMemoryPlan,

    /// <summary>The device ran out of memory although the plan fitted.</summary>
    OutOfMemory,

    /// <summary>The native library or the device cannot be used.</summary>
    DeviceUnavailable,

    /// <summary>The address could not be bound.</summary>
    ListenFailed,

    /// <summary>The largest allowed batch did not compute, or gave numbers that are not finite.</summary>
    WarmUpFailed,

    /// <summary>An artifact could not be fetched.</summary>
    FetchFailed,

    /// <summary>A golden set could not be run: it cannot be read, or a revision cannot be reached. It says nothing about the revision.</summary>
    EvaluationImpossible,

    /// <summary>None of the above: a defect; the message holds the exception.</summary>
    InternalError,
}
