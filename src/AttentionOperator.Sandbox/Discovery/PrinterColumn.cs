namespace AttentionOperator.Sandbox.Discovery;

/// <summary>One additional printer column of a CustomResourceDefinition.</summary>
internal sealed record PrinterColumn(string Name, string Type, string Format, string Description, int Priority, string JsonPath);
