namespace AttentionOperator.Sandbox.Schema;

/// <summary>One <c>x-kubernetes-validations</c> entry.</summary>
internal sealed record ValidationRule(string Rule, string? Message, string? MessageExpression, string Reason, string? FieldPath, bool OptionalOldSelf);
