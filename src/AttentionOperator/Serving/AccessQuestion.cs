namespace AttentionOperator.Serving;

/// <summary>What somebody wants to do, as a SubjectAccessReview asks it: a verb on a resource, or on a path.</summary>
internal sealed record AccessQuestion(string Verb, string Group = "", string Version = "", string Resource = "", string Subresource = "", string Namespace = "", string Name = "", string? Path = null);
