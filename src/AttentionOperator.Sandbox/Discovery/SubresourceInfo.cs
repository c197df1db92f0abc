namespace AttentionOperator.Sandbox.Discovery;

/// <summary>A subresource's name, the kind that it exchanges, and its verbs.</summary>
internal sealed record SubresourceInfo(string Name, string Group, string Version, string Kind, IReadOnlyList<string> Verbs);
