using System.Globalization;
using AttentionOperator.Sandbox.Hosting;
using AttentionOperator.Sandbox.NodeAgent.Nodes;

namespace AttentionOperator.Sandbox.Commands;

/// <summary>The arguments of <c>attention-sandbox run</c>.</summary>
internal sealed record RunOptions(SandboxSettings Settings, string? ReadyFile, bool ExitOnInputClose, bool Verbose)
{
    public const string Help =
        """
        attention-sandbox run [options]

          --data-dir DIR           keep objects, pod directories and logs here (default: a temporary directory)
          --port PORT              port of the API server on 127.0.0.1 (default: a free one)
          --kubeconfig FILE        where to write the kubeconfig (default: in the data directory)
          --node SPEC              a node: name=gpu-1,gpus=1,cpu=8,memory=32Gi,label.KEY=VALUE,resource.KEY=QUANTITY,taint.KEY=VALUE:EFFECT;
                                   may be repeated (default: one node named 'sandbox' with 4 GPUs, which are numbers only)
          --volume CLAIM=DIR       the host directory behind a PersistentVolumeClaim (CLAIM or NAMESPACE/CLAIM); may be repeated
          --image NAME=COMMAND     the local command behind an image, words separated by spaces; may be repeated
          --apply FILE|DIR         apply these manifests at the start; may be repeated
          --ready-file FILE        write the API server's URL here when everything is up
          --exit-on-stdin-close    stop when standard input closes: when whoever started the Sandbox ends, however it ends
          --faked-pods             pods become Ready without processes
          --enforce-memory-limits  kill containers above their memory limit
          --hpa-interval SECONDS   how often autoscalers look (default: 15)
          --verbose                log what the parts do
        """;

    /// <exception cref="FormatException">An argument is not understood.</exception>
    public static RunOptions Parse(IReadOnlyList<string> arguments)
    {
        var settings = new SandboxSettings();
        var nodes = new List<NodeSpecification>();
        var volumes = new Dictionary<string, string>(StringComparer.Ordinal);
        var images = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var manifests = new List<string>();
        string? readyFile = null;
        var exitOnInputClose = false;
        var verbose = false;
        for (var i = 0; i < arguments.Count; i++)
        {
            var (flag, inline) = Split(arguments[i]);
            string Value() => inline ?? (i + 1 < arguments.Count ? arguments[++i] : throw new FormatException($"{flag} needs a value"));
            switch (flag)
            {
                case "--data-dir":
                    settings = settings with { DataDirectory = Value() };
                    break;
                case "--port":
                    settings = settings with { Port = Number(flag, Value()) };
                    break;
                case "--kubeconfig":
                    settings = settings with { KubeConfig = Value() };
                    break;
                case "--node":
                    nodes.Add(NodeSpecification.Parse(Value()));
                    break;
                case "--volume":
                    var (claim, directory) = Pair(flag, Value());
                    volumes[claim] = Path.GetFullPath(directory);
                    break;
                case "--image":
                    var (image, command) = Pair(flag, Value());
                    images[image] = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                    break;
                case "--apply":
                    manifests.Add(Value());
                    break;
                case "--ready-file":
                    readyFile = Value();
                    break;
                case "--faked-pods":
                    settings = settings with { FakedPods = true };
                    break;
                case "--enforce-memory-limits":
                    settings = settings with { EnforceMemoryLimits = true };
                    break;
                case "--hpa-interval":
                    settings = settings with { AutoscalerInterval = TimeSpan.FromSeconds(Number(flag, Value())) };
                    break;
                case "--exit-on-stdin-close":
                    exitOnInputClose = true;
                    break;
                case "--verbose":
                    verbose = true;
                    break;
                default:
                    throw new FormatException($"unknown argument '{arguments[i]}'");
            }
        }

        settings = settings with { Volumes = volumes, Images = images, Manifests = manifests, Nodes = nodes.Count > 0 ? nodes : settings.Nodes };
        return new RunOptions(settings, readyFile, exitOnInputClose, verbose);
    }

    private static (string Flag, string? Value) Split(string argument)
    {
        var equals = argument.StartsWith("--", StringComparison.Ordinal) ? argument.IndexOf('=', StringComparison.Ordinal) : -1;
        return equals < 0 ? (argument, null) : (argument[..equals], argument[(equals + 1)..]);
    }

    private static (string Name, string Value) Pair(string flag, string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && equals < text.Length - 1
            ? (text[..equals], text[(equals + 1)..])
            : throw new FormatException($"{flag} {text}: NAME=VALUE was expected");
    }

    private static int Number(string flag, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 0
            ? number
            : throw new FormatException($"{flag} {text}: a whole number was expected");
}
