using System.Text.Json;
using AttentionOperator.Certificates;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.AggregatedMetrics;

/// <summary>Tells APIServices which authority to trust.</summary>
internal static class ApiServiceTrust
{
    /// <param name="service">The operator's own Service.</param>
    public static IEnumerable<CaBundleTarget> Targets(ObjectKey service) =>
        MetricsGroups.ApiServiceNames.Select(name => new CaBundleTarget(MetricsGroups.ApiServices, name, (live, trust) => Patch(live, name, service, trust)));

    /// <summary>Null where the APIService leads to another server (another adapter owns that API), or trusts the bundle already.</summary>
    internal static byte[]? Patch(JsonElement live, string name, ObjectKey service, byte[] trust)
    {
        if (!live.TryGetProperty("spec", out var spec) || !spec.TryGetProperty("service", out var reference) || reference.ValueKind != JsonValueKind.Object
            || Text(reference, "namespace") != service.Namespace || Text(reference, "name") != service.Name)
        {
            return null;
        }

        var bundle = Convert.ToBase64String(trust);
        return Text(spec, "caBundle") == bundle
            ? null
            : JsonSerializer.SerializeToUtf8Bytes(new { apiVersion = MetricsGroups.ApiServices.ApiVersion, kind = MetricsGroups.ApiServices.Kind, metadata = new { name }, spec = new { caBundle = bundle } });
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
