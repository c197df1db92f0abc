namespace AttentionOperator.Api.Schema;

/// <summary>The string is a non-negative decimal number, such as <c>99.9</c>. Kubernetes avoids floating point in APIs; whole numbers may be written without quotes.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DecimalAttribute : Attribute
{
    public const string Pattern = @"^[0-9]{1,9}(\.[0-9]{1,9})?$";
}
