namespace AttentionOperator.Api.Validation;

/// <summary>What is wrong with one field.</summary>
/// <param name="Field">Path within the object, such as <c>spec.model.uri</c>.</param>
/// <param name="Message">The value, what was expected, and what to do.</param>
public sealed record FieldError(string Field, string Message)
{
    public override string ToString() => $"{Field}: {Message}";
}
