namespace AttentionOperator.Api.Naming;

/// <summary>
/// Files and directories inside a runtime container. Every path reaches the process as an argument or environment value,
/// never inside a file, so that a node agent without mount namespaces can map it.
/// </summary>
public static class RuntimeLayout
{
    public const string ConfigDirectory = "/etc/attention";
    public const string ConfigFile = "runtime.json";
    public const string ConfigPath = ConfigDirectory + "/" + ConfigFile;

    /// <summary>Where a mounted model is.</summary>
    public const string ModelsDirectory = "/models";

    /// <summary>Where a tokenizer with its own uri is mounted.</summary>
    public const string TokenizersDirectory = "/tokenizers";

    /// <summary>Where links to fetched files are.</summary>
    public const string FetchedDirectory = "/fetched";

    /// <summary>Where fetched files are kept.</summary>
    public const string CacheDirectory = "/cache";

    /// <summary>Where the cases of an evaluation are mounted.</summary>
    public const string GoldenDirectory = "/golden";

    /// <summary>Kubernetes' default.</summary>
    public const string TerminationLog = "/dev/termination-log";

    public const string LivePath = "/health/live";
    public const string ReadyPath = "/health/ready";
    public const string StartupPath = "/health/startup";
    public const string MetricsPath = "/metrics";
}
