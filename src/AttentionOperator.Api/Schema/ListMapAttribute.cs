namespace AttentionOperator.Api.Schema;

/// <summary>Items of the list are identified by a field, and are merged by it.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListMapAttribute(string key) : Attribute
{
    public string Key { get; } = key;
}
