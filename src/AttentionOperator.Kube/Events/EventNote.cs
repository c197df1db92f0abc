using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Events;

/// <summary>Something worth telling about an object.</summary>
/// <param name="Regarding">The object's kind.</param>
/// <param name="Object">The object.</param>
/// <param name="Kind">Normal or Warning.</param>
/// <param name="Reason">PascalCase, from a documented set.</param>
/// <param name="Action">PascalCase: what was done or tried.</param>
/// <param name="Message">For people; at most 1,024 characters reach the server.</param>
public sealed record EventNote(ResourceKind Regarding, ObjectIdentity Object, EventKind Kind, string Reason, string Action, string Message);
