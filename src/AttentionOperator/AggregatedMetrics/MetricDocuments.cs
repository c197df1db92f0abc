using System.Globalization;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Naming;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.AggregatedMetrics;

/// <summary>Metric values in the forms of the two metrics APIs. Pure.</summary>
internal static class MetricDocuments
{
    public static JsonObject External(string metric, IEnumerable<(ObjectKey Model, decimal Value)> values, DateTimeOffset now) => new()
    {
        ["kind"] = "ExternalMetricValueList",
        ["apiVersion"] = $"{MetricsGroups.External}/{MetricsGroups.ExternalVersion}",
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. values.Select(entry => (JsonNode)new JsonObject
        {
            ["metricName"] = metric,
            ["metricLabels"] = new JsonObject { [MetricNames.Model] = entry.Model.Name },
            ["timestamp"] = Time(now),
            ["value"] = Quantity(entry.Value),
        })]),
    };

    public static JsonObject Custom(string version, string metric, IEnumerable<(ObjectKey Model, decimal Value)> values, DateTimeOffset now) => new()
    {
        ["kind"] = "MetricValueList",
        ["apiVersion"] = $"{MetricsGroups.Custom}/{version}",
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. values.Select(entry =>
        {
            var item = new JsonObject
            {
                ["describedObject"] = new JsonObject { ["kind"] = ApiNames.Kind, ["namespace"] = entry.Model.Namespace, ["name"] = entry.Model.Name, ["apiVersion"] = ApiNames.ApiVersion },
                ["timestamp"] = Time(now),
                ["value"] = Quantity(entry.Value),
            };
            if (version == MetricsGroups.OldCustomVersion)
            {
                item["metricName"] = metric;
                item["selector"] = null;
            }
            else
            {
                item["metric"] = new JsonObject { ["name"] = metric, ["selector"] = null };
            }

            return (JsonNode)item;
        })]),
    };

    /// <summary>A Status that refuses.</summary>
    public static JsonObject Failure(int code, string reason, string message) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = message,
        ["reason"] = reason,
        ["code"] = code,
    };

    /// <summary>To the thousandth, rounded up.</summary>
    internal static string Quantity(decimal value) => decimal.Truncate(value) == value
        ? value.ToString("0", CultureInfo.InvariantCulture)
        : decimal.Ceiling(value * 1000).ToString("0", CultureInfo.InvariantCulture) + "m";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
