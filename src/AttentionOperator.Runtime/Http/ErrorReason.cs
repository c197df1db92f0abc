namespace AttentionOperator.Runtime.Http;

/// <summary>Why a request was not answered: the word in <c>X-Attention-Reason</c> and in <c>attention_requests_rejected_total{reason}</c>.</summary>
internal enum ErrorReason
{
    /// <summary>400: the body is no JSON, or a field has a wrong type or value.</summary>
    InvalidRequest,

    /// <summary>422: well-formed, but this runtime or this model cannot do it.</summary>
    Unsupported,

    /// <summary>400: more input (or input and output) tokens than allowed.</summary>
    TooLong,

    /// <summary>404: another model's name.</summary>
    UnknownModel,

    /// <summary>404: no such path, or a path that this model's task does not have.</summary>
    NotServed,

    /// <summary>413: the body is larger than allowed.</summary>
    BodyTooLarge,

    /// <summary>408: the body did not arrive in time.</summary>
    SlowBody,

    /// <summary>403: an internal field without the internal token.</summary>
    Forbidden,

    /// <summary>503: as many requests wait as may wait.</summary>
    QueueFull,

    /// <summary>503: as many tokens wait as may wait.</summary>
    TokensFull,

    /// <summary>503: the tokenizer threads have as much work as may wait.</summary>
    TokenizerBusy,

    /// <summary>503: the model is not loaded yet.</summary>
    Starting,

    /// <summary>503: the process is shutting down.</summary>
    Draining,

    /// <summary>503, or an event: the engine failed; another server may succeed.</summary>
    EngineFailed,

    /// <summary>503, or an event: the device has too little memory for this request; elsewhere it would hardly be better.</summary>
    OutOfMemory,

    /// <summary>504: the caller's deadline passed.</summary>
    DeadlineExceeded,

    /// <summary>The client went away before the answer was complete; nobody sees a status.</summary>
    ClientGone,

    /// <summary>500: a defect.</summary>
    Internal,
}
