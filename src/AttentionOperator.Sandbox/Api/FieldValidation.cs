namespace AttentionOperator.Sandbox.Api;

/// <summary>What happens to unknown and duplicate fields.</summary>
public enum FieldValidation
{
    Ignore,
    Warn,
    Strict,
}
