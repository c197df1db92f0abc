using System.Globalization;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Scaling;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Children;
using k8s.Models;

namespace AttentionOperator.Scaling;

/// <summary>What adapters over Prometheus need to give the autoscaler of a model its metrics, as a ConfigMap for whoever runs the adapter.</summary>
internal static class ScalingRules
{
    public const string AdapterFile = "prometheus-adapter.yaml";
    public const string KedaFile = "keda-scaledobject.yaml";

    public static bool Wants(AttentionModelSpec spec) => spec.Scaling is { Mode: ScalingMode.Hpa, MetricsApi: MetricsApi.Prometheus };

    public static V1ConfigMap Render(AttentionModel model) => new()
    {
        ApiVersion = "v1",
        Kind = "ConfigMap",
        Metadata = ChildLabels.Metadata(model, ChildNames.ScalingRules(model.Metadata.Name), ChildLabels.OfModel(model)),
        Data = new Dictionary<string, string> { [AdapterFile] = Adapter(), [KedaFile] = ScaledObject(model) },
    };

    /// <summary>The gateways' and replicas' metrics that a scaling metric is made of.</summary>
    private static IEnumerable<(string Name, string Series, string Aggregate)> Sources() =>
    [
        (ScalingMetricNames.QueueDepth, "attention_gateway_queue_depth", "sum"),
        (ScalingMetricNames.RunningRequests, "attention_requests_in_flight", "sum"),
        (ScalingMetricNames.CacheUse, "attention_kv_cache_usage_ratio", "avg"),
        (ScalingMetricNames.GpuUtilization, "attention_gpu_utilization_ratio", "avg"),
    ];

    /// <summary>The same for all models: one copy of it serves a cluster.</summary>
    private static string Adapter() => "# externalRules of prometheus-adapter; the same for all AttentionModels.\nexternalRules:\n" + string.Concat(Sources().Select(source =>
        $$"""
        - seriesQuery: '{{source.Series}}{ {{MetricNames.ModelNamespace}}!="",{{MetricNames.Model}}!=""}'
          resources:
            overrides:
              {{MetricNames.ModelNamespace}}: {resource: namespace}
          name:
            as: {{source.Name}}
          metricsQuery: '{{source.Aggregate}} by ({{MetricNames.Model}}) ({{source.Series}}{<<.LabelMatchers>>})'

        """)).Replace("{ model_namespace", "{model_namespace", StringComparison.Ordinal);

    /// <summary>For clusters with KEDA: applied instead of <c>spec.scaling</c>, not beside it.</summary>
    private static string ScaledObject(AttentionModel model)
    {
        var scaling = model.Spec.Scaling!;
        var targets = ScalingTargets.Of(model.Spec);
        var name = model.Metadata.Name;
        var ns = model.Metadata.NamespaceProperty;
        var triggers = Sources()
            .Select(source => (source.Series, source.Aggregate, Target: TargetOf(source.Name, targets)))
            .Where(source => source.Target is not null)
            .Select(source => string.Create(
                CultureInfo.InvariantCulture,
                $$"""
                  - type: prometheus
                    metricType: {{(source.Aggregate == "avg" ? "Value" : "AverageValue")}}
                    metadata:
                      serverAddress: {{model.Spec.Slo?.Prometheus?.Url ?? "http://prometheus.monitoring.svc:9090"}}
                      query: {{source.Aggregate}}({{source.Series}}{ {{MetricNames.ModelNamespace}}="{{ns}}",{{MetricNames.Model}}="{{name}}"})
                      threshold: "{{source.Target:0.###}}"
                      ignoreNullValues: "false"

                """));
        return ("# Apply it instead of spec.scaling: two autoscalers of one model would fight.\n"
            + string.Create(
                CultureInfo.InvariantCulture,
                $"""
                apiVersion: keda.sh/v1alpha1
                kind: ScaledObject
                metadata:
                  name: {name}
                  namespace: {ns}
                spec:
                  scaleTargetRef:
                    apiVersion: {ApiNames.ApiVersion}
                    kind: {ApiNames.Kind}
                    name: {name}
                  minReplicaCount: {scaling.MinReplicas}
                  maxReplicaCount: {scaling.MaxReplicas}
                  triggers:

                """)
            + string.Concat(triggers)).Replace("{ model_namespace", "{model_namespace", StringComparison.Ordinal);
    }

    private static decimal? TargetOf(string metric, ScalingTargets targets) => metric switch
    {
        ScalingMetricNames.QueueDepth => targets.QueueDepth,
        ScalingMetricNames.RunningRequests => targets.Running,
        ScalingMetricNames.GpuUtilization => targets.GpuUtilization,
        _ => null,
    };
}
