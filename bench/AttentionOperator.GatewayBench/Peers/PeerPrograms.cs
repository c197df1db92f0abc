namespace AttentionOperator.GatewayBench.Peers;

/// <summary>The plain proxies and the load generator that the gateway is measured beside: those on the PATH, else unpacked ones.</summary>
/// <param name="unpacked">Directory that <c>build/bench-peers.sh</c> names; null = installed programs only.</param>
internal sealed class PeerPrograms(string? unpacked)
{
    private static readonly string[] Places = ["usr/sbin", "usr/bin"];

    public IReadOnlyDictionary<string, string> Environment { get; } = unpacked is null
        ? new Dictionary<string, string>()
        : new Dictionary<string, string> { ["LD_LIBRARY_PATH"] = Path.Combine(unpacked, "usr/lib/x86_64-linux-gnu") };

    /// <exception cref="InvalidOperationException">The program is nowhere.</exception>
    public string Find(string name)
    {
        IEnumerable<string> candidates = unpacked is null
            ? (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Select(d => Path.Combine(d, name))
            : Places.Select(p => Path.Combine(unpacked, p, name));
        return candidates.FirstOrDefault(File.Exists) ?? throw new InvalidOperationException($"{name} was not found. Install it, or name the directory that build/bench-peers.sh prints with --peers.");
    }
}
