using System.Globalization;
using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Nodes;

/// <summary>A node that the Sandbox pretends to be.</summary>
/// <param name="Capacity">Quantities by resource name.</param>
internal sealed record NodeSpecification(
    string Name,
    IReadOnlyDictionary<string, string> Capacity,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyList<V1Taint> Taints)
{
    public const string GpuResource = "nvidia.com/gpu";
    public const int DefaultGpus = 4;

    /// <summary>One node with the host's processors and memory, and a few GPUs that are numbers only.</summary>
    public static NodeSpecification Default { get; } = Parse("name=sandbox");

    /// <summary>
    /// Reads <c>name=gpu-1,gpus=1,cpu=8,memory=32Gi,pods=110,label.KEY=VALUE,resource.KEY=QUANTITY,taint.KEY=VALUE:EFFECT</c>.
    /// </summary>
    /// <exception cref="FormatException">A part is not understood.</exception>
    public static NodeSpecification Parse(string text)
    {
        string? name = null;
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        var taints = new List<V1Taint>();
        var capacity = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["cpu"] = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
            ["memory"] = $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1024}Ki",
            ["pods"] = "110",
            ["ephemeral-storage"] = "100Gi",
            [GpuResource] = DefaultGpus.ToString(CultureInfo.InvariantCulture),
        };
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var (key, value) = equals < 0 ? ("name", part) : (part[..equals], part[(equals + 1)..]);
            if (key == "name")
            {
                name = value;
            }
            else if (key is "cpu" or "memory" or "pods")
            {
                capacity[key] = value;
            }
            else if (key == "gpus")
            {
                capacity[GpuResource] = value;
            }
            else if (key.StartsWith("label.", StringComparison.Ordinal))
            {
                labels[key["label.".Length..]] = value;
            }
            else if (key.StartsWith("resource.", StringComparison.Ordinal))
            {
                capacity[key["resource.".Length..]] = value;
            }
            else if (key.StartsWith("taint.", StringComparison.Ordinal) && value.LastIndexOf(':') is >= 0 and var colon)
            {
                taints.Add(new V1Taint { Key = key["taint.".Length..], Value = value[..colon], Effect = value[(colon + 1)..] });
            }
            else
            {
                throw new FormatException(
                    $"--node {text}: '{part}' is none of name=, gpus=, cpu=, memory=, pods=, label.KEY=VALUE, resource.KEY=QUANTITY, taint.KEY=VALUE:EFFECT");
            }
        }

        return new NodeSpecification(name ?? throw new FormatException($"--node {text}: the node has no name"), capacity, labels, taints);
    }

    public IReadOnlyDictionary<string, decimal> CapacityInBaseUnits =>
        Capacity.ToDictionary(c => c.Key, c => new ResourceQuantity(c.Value).ToDecimal(), StringComparer.Ordinal);
}
