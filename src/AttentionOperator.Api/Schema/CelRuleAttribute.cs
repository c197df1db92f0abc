namespace AttentionOperator.Api.Schema;

/// <summary>A CEL rule that the API server enforces, on the object or field that carries it (<c>self</c>).</summary>
/// <param name="rule">Expression that is true for valid objects.</param>
/// <param name="message">Names the field, what was expected and what to do.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property, AllowMultiple = true)]
public sealed class CelRuleAttribute(string rule, string message) : Attribute
{
    public string Rule { get; } = rule;

    public string Message { get; } = message;
}
