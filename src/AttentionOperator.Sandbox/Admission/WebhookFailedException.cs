namespace AttentionOperator.Sandbox.Admission;

/// <summary>A webhook could not be reached, took too long or answered nonsense: its failurePolicy decides.</summary>
internal sealed class WebhookFailedException(string message, Exception? inner = null) : Exception(message, inner);
