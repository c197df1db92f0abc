namespace AttentionOperator.Api.Schema;

/// <summary>Items of the list are unique scalars.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListSetAttribute : Attribute;
