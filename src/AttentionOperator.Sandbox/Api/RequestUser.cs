namespace AttentionOperator.Sandbox.Api;

/// <summary>Who asks.</summary>
public sealed record RequestUser(string Name, IReadOnlyList<string> Groups, string? Uid = null)
{
    /// <summary>The Sandbox's administrator: every right.</summary>
    public static RequestUser Administrator { get; } = new("kubernetes-admin", ["system:masters", "system:authenticated"]);

    public static RequestUser Anonymous { get; } = new("system:anonymous", ["system:unauthenticated"]);

    public bool IsAdministrator => Groups.Contains("system:masters");
}
