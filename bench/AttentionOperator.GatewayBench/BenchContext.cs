using System.Net;
using AttentionOperator.Bench.Results;
using AttentionOperator.GatewayBench.Cluster;
using AttentionOperator.GatewayBench.Peers;
using AttentionOperator.GatewayBench.Runtimes;

namespace AttentionOperator.GatewayBench;

/// <summary>What all phases share.</summary>
internal sealed class BenchContext(BenchCluster cluster, GatewayProcess gateway, PeerPrograms peers, IPAddress address, string directory, string tokenizer, string fingerprint)
{
    private readonly long start = TimeProvider.System.GetTimestamp();

    public BenchCluster Cluster { get; } = cluster;

    public GatewayProcess Gateway { get; } = gateway;

    public PeerPrograms Peers { get; } = peers;

    /// <summary>Loopback address of everything but the gateway.</summary>
    public IPAddress Address { get; } = address;

    /// <summary>Scratch.</summary>
    public string Directory { get; } = directory;

    /// <summary>How runtimes whose tokenizer is the gateway's answer.</summary>
    public MockBehaviour Behaviour { get; } = new() { Fingerprint = fingerprint };

    public Dictionary<string, Metric> Metrics { get; } = new(StringComparer.Ordinal);

    public List<string> Notes { get; } = [];

    /// <summary>Gives the gateway the tokenizer of a model.</summary>
    public void MountTokenizer(string model)
    {
        var target = System.IO.Directory.CreateDirectory(Path.Combine(Directory, "tokenizers", BenchCluster.Namespace, model)).FullName;
        foreach (var file in System.IO.Directory.EnumerateFiles(tokenizer, "*.json"))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
        }
    }

    public void Say(string text) => Console.WriteLine($"[{TimeProvider.System.GetElapsedTime(start).TotalSeconds,6:F1} s] {text}");

    public void Report(string name, double value, string unit, string? peer = null, double? peerValue = null, double? ratio = null)
    {
        Metrics[name] = new Metric(Math.Round(value, 3), unit, peer, peerValue is { } p ? Math.Round(p, 3) : null, ratio is { } r ? Math.Round(r, 3) : null);
        Say($"{name} = {Metrics[name].Value} {unit}" + (peer is null ? "" : $" ({peer}: {Metrics[name].PeerValue})"));
    }

    public void Note(string text)
    {
        Notes.Add(text);
        Say(text);
    }
}
