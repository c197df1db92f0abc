namespace AttentionOperator.Quickstart;

/// <summary>Something that the user can act on; shown without a stack trace.</summary>
internal sealed class QuickstartException(string message) : Exception(message);
