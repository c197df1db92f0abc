using System.Text.Json.Nodes;

namespace AttentionOperator.Sandbox.Storage;

/// <summary>One event of a watch: ADDED, MODIFIED or DELETED.</summary>
public sealed record ResourceChange(string Type, JsonObject Object);
