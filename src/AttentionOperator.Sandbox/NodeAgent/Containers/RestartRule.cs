namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>Whether a container that has ended is started again.</summary>
internal static class RestartRule
{
    public static bool Restarts(string? podPolicy, string? containerPolicy, bool isInit, int exitCode)
    {
        if (isInit && containerPolicy == "Always")
        {
            return true;
        }

        return (podPolicy ?? "Always") switch
        {
            "Never" => false,
            "OnFailure" => exitCode != 0,
            // An init container that succeeded is done under every policy.
            _ => !isInit || exitCode != 0,
        };
    }
}
