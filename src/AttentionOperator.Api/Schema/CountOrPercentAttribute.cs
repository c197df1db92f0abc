namespace AttentionOperator.Api.Schema;

/// <summary>The string is a whole number or a percentage, such as <c>2</c> or <c>25%</c>; numbers may be written without quotes.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class CountOrPercentAttribute : Attribute
{
    public const string Pattern = @"^[0-9]{1,6}%?$";
}
