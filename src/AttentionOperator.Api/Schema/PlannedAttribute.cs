namespace AttentionOperator.Api.Schema;

/// <summary>A field whose behaviour does not exist yet: left out of the CRD's schema until it does.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PlannedAttribute : Attribute;
