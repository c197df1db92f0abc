using AttentionOperator.Inference.Engine;

namespace AttentionOperator.Runtime.Http;

/// <summary>The errors that this API answers with.</summary>
internal static class ApiErrors
{
    private const string InvalidRequestType = "invalid_request_error";
    private const string UnavailableType = "service_unavailable";

    public static ApiException Invalid(string message, string? param = null) =>
        new(StatusCodes.Status400BadRequest, ErrorReason.InvalidRequest, InvalidRequestType, "invalid_value", message, param);

    public static ApiException Unsupported(string message, string? param = null) =>
        new(StatusCodes.Status422UnprocessableEntity, ErrorReason.Unsupported, InvalidRequestType, "unsupported", message, param);

    public static ApiException TooLong(string message, string param) =>
        new(StatusCodes.Status400BadRequest, ErrorReason.TooLong, InvalidRequestType, "context_length_exceeded", message, param);

    public static ApiException UnknownModel(string asked, string served) =>
        new(StatusCodes.Status404NotFound, ErrorReason.UnknownModel, "not_found_error", "model_not_found",
            $"The model '{asked}' does not exist here; this server has '{served}'.", "model");

    public static ApiException NotServed(string message) =>
        new(StatusCodes.Status404NotFound, ErrorReason.NotServed, "not_found_error", "not_served", message);

    public static ApiException BodyTooLarge(long limit) =>
        new(StatusCodes.Status413PayloadTooLarge, ErrorReason.BodyTooLarge, InvalidRequestType, "body_too_large",
            $"The request body is larger than {limit} bytes, which is the limit.");

    public static ApiException Forbidden(string message, string param) =>
        new(StatusCodes.Status403Forbidden, ErrorReason.Forbidden, "permission_error", "forbidden", message, param);

    public static ApiException Unavailable(ErrorReason reason, string message, TimeSpan retryAfter) =>
        new(StatusCodes.Status503ServiceUnavailable, reason, UnavailableType, JsonName(reason), message, null, retryAfter);

    public static ApiException DeadlineExceeded(string message) =>
        new(StatusCodes.Status504GatewayTimeout, ErrorReason.DeadlineExceeded, "timeout_error", "deadline_exceeded", message);

    public static ApiException Internal(string requestId) =>
        new(StatusCodes.Status500InternalServerError, ErrorReason.Internal, "server_error", "internal_error",
            $"The server failed on this request (id {requestId}); its log has the cause.");

    /// <summary>The answer to what the engine refused.</summary>
    public static ApiException From(RequestRefusedException refusal)
    {
        var retryAfter = refusal.RetryAfter ?? TimeSpan.FromSeconds(1);
        return refusal.Reason switch
        {
            RefusalReason.QueueFull => Unavailable(ErrorReason.QueueFull, refusal.Message, retryAfter),
            RefusalReason.TokensFull => Unavailable(ErrorReason.TokensFull, refusal.Message, retryAfter),
            RefusalReason.Draining => Unavailable(ErrorReason.Draining, refusal.Message, retryAfter),
            RefusalReason.Deadline => DeadlineExceeded(refusal.Message),
            RefusalReason.TooLong => TooLong(refusal.Message, "input_tokens"),
            RefusalReason.Unsupported => Unsupported(refusal.Message),
            _ => throw new InvalidOperationException($"Unknown refusal {refusal.Reason}.", refusal),
        };
    }

    private static string JsonName(ErrorReason reason) => reason switch
    {
        ErrorReason.QueueFull => "queue_full",
        ErrorReason.TokensFull => "tokens_full",
        ErrorReason.TokenizerBusy => "tokenizer_busy",
        ErrorReason.Starting => "starting",
        ErrorReason.EngineFailed => "engine_failed",
        ErrorReason.OutOfMemory => "out_of_memory",
        _ => "draining",
    };
}
