namespace AttentionOperator.Sandbox.Authorization;

/// <summary>What someone wants to do: a verb on a resource (perhaps one object of it), or on a path.</summary>
internal sealed record AccessQuestion(string Verb, string Group, string Resource, string Subresource, string Namespace, string Name, string? Path = null)
{
    public string FullResource => Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";
}
