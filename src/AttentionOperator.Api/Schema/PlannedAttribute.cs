namespace AttentionOperator.Api.Schema;

/// <summary>A field, or a value of an enum, whose behaviour does not exist yet: left out of the CRD's schema until it does.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class PlannedAttribute : Attribute;
