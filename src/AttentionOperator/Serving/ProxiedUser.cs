namespace AttentionOperator.Serving;

/// <summary>Who asks, as the API server says.</summary>
internal sealed record ProxiedUser(string Name, string Uid, IReadOnlyList<string> Groups, IReadOnlyDictionary<string, IReadOnlyList<string>> Extra);
