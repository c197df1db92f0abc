namespace AttentionOperator.Quickstart;

/// <summary>Where things are, from the root of the checkout.</summary>
internal sealed record QuickstartPaths(string Root, string Configuration)
{
    private static readonly string[] ManifestFolders = ["crd", "rbac", "manager", "gateway"];

    /// <summary>State of a running Sandbox: kubeconfig, log, process id.</summary>
    public string State => Path.Combine(Root, ".sandbox");

    public string KubeConfig => Path.Combine(State, "kubeconfig");

    public string ReadyFile => Path.Combine(State, "ready");

    public string PidFile => Path.Combine(State, "pid");

    public string Models => Path.Combine(Root, "models");

    /// <summary>The same manifests that a cluster gets.</summary>
    public IEnumerable<string> Manifests => ManifestFolders.Select(part => Path.Combine(Root, "config", part));

    public string Samples => Path.Combine(Root, "config", "samples");

    public string SandboxProgram => Path.Combine(Root, "src", "AttentionOperator.Sandbox", "bin", Configuration, "net10.0", "attention-sandbox");
}
