namespace AttentionOperator.AggregatedMetrics;

/// <summary>What a path below <c>/apis/</c> asks for. Pure.</summary>
internal sealed record MetricsRequest(MetricsRequestKind Kind, string Group = "", string Version = "", string Namespace = "", string Resource = "", string Name = "", string Metric = "")
{
    /// <summary>The resource of AttentionModels, as custom metrics name it.</summary>
    public const string ModelResource = $"{Api.Naming.ApiNames.Plural}.{Api.Naming.ApiNames.Group}";

    public static MetricsRequest Parse(string path)
    {
        string[] parts = [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];
        return parts switch
        {
            ["apis"] => new MetricsRequest(MetricsRequestKind.Groups),
            ["apis", var group] when MetricsGroups.Versions.ContainsKey(group) => new MetricsRequest(MetricsRequestKind.Group, group),
            ["apis", var group, var version, ..] when !(MetricsGroups.Versions.TryGetValue(group, out var versions) && versions.Contains(version)) => new MetricsRequest(MetricsRequestKind.Unknown),
            ["apis", var group, var version] => new MetricsRequest(MetricsRequestKind.Resources, group, version),
            ["apis", MetricsGroups.External, var version, "namespaces", var ns, var metric] => new MetricsRequest(MetricsRequestKind.External, MetricsGroups.External, version, ns, metric, "", metric),
            ["apis", MetricsGroups.Custom, var version, "namespaces", var ns, var resource, var name, var metric] => new MetricsRequest(MetricsRequestKind.Custom, MetricsGroups.Custom, version, ns, resource, name, metric),
            _ => new MetricsRequest(MetricsRequestKind.Unknown),
        };
    }
}
