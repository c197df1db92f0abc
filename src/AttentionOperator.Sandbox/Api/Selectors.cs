using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Storage;

namespace AttentionOperator.Sandbox.Api;

/// <summary>Label and field selector of a list or watch.</summary>
internal sealed record Selectors(LabelSelector Labels, FieldSelector Fields)
{
    public static Selectors None { get; } = new(LabelSelector.Everything, FieldSelector.Everything);

    public bool IsEmpty => Labels.IsEmpty && Fields.IsEmpty;

    public static Selectors Parse(ResourceDefinition resource, string? labels, string? fields, string? name = null)
    {
        var byField = FieldSelector.Parse(resource, fields);
        if (name is not null) byField = byField.AndName(name);
        return new Selectors(LabelSelector.Parse(labels), byField);
    }

    public bool Matches(StoredObject obj) => Labels.Matches(obj.Labels) && Fields.Matches(obj);
}
