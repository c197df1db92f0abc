namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>
/// The delay before a container is started again, as the kubelet counts it: none the first time, then <see cref="Initial"/>, doubled at each further
/// exit up to <see cref="Maximum"/>, and from the beginning once it has been quiet for twice the maximum.
/// </summary>
internal readonly record struct RestartBackoff(TimeSpan Delay, DateTimeOffset? LastRestart)
{
    public static readonly TimeSpan Initial = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan Maximum = TimeSpan.FromMinutes(5);

    /// <summary>How long to wait after an exit at <paramref name="exitedAt"/>, and the state to keep for the exit after that.</summary>
    public (TimeSpan Wait, RestartBackoff Next) AfterExit(DateTimeOffset exitedAt)
    {
        if (LastRestart is not { } last || exitedAt - last > 2 * Maximum)
        {
            return (TimeSpan.Zero, new RestartBackoff(Initial, exitedAt));
        }

        var doubled = Delay * 2;
        return (Delay, new RestartBackoff(doubled > Maximum ? Maximum : doubled, exitedAt + Delay));
    }
}
