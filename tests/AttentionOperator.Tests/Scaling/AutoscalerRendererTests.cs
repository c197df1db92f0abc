using AttentionOperator.Api.Serialization;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Scaling;
using k8s.Models;

namespace AttentionOperator.Tests.Scaling;

public sealed class AutoscalerRendererTests
{
    [Fact]
    public void The_queue_and_what_runs_are_targets_on_the_models_own_scale()
    {
        var autoscaler = AutoscalerRenderer.Render(Model(new ScalingSpec { MinReplicas = 0, MaxReplicas = 5, QueueDepthPerReplica = 3, IdleTimeout = "5m" }));
        Assert.Equal(("attentionoperator.io/v1alpha1", "AttentionModel", "chat"), (autoscaler.Spec.ScaleTargetRef.ApiVersion, autoscaler.Spec.ScaleTargetRef.Kind, autoscaler.Spec.ScaleTargetRef.Name));
        Assert.Equal((1, 5), (autoscaler.Spec.MinReplicas, autoscaler.Spec.MaxReplicas));
        Assert.Equal(
            [("attention_queue_depth", "chat", "3"), ("attention_running_requests", "chat", "6400m")],
            autoscaler.Spec.Metrics.Select(metric => (metric.External.Metric.Name, metric.External.Metric.Selector.MatchLabels["model"], metric.External.Target.AverageValue.ToString())));
    }

    [Fact]
    public void Utilisation_is_a_value_that_the_ready_pods_multiply()
    {
        var metric = AutoscalerRenderer.Render(Model(new ScalingSpec { MaxReplicas = 5, GpuUtilization = 70 })).Spec.Metrics[0].External;
        Assert.Equal(("attention_gpu_utilization_ratio", "Value", "700m"), (metric.Metric.Name, metric.Target.Type, metric.Target.Value.ToString()));
    }

    [Fact]
    public void Custom_metrics_are_those_of_the_model_as_an_object()
    {
        var metrics = AutoscalerRenderer.Render(Model(new ScalingSpec { MaxReplicas = 5, MetricsApi = MetricsApi.Custom })).Spec.Metrics;
        Assert.All(metrics, metric => Assert.Equal(("Object", "AttentionModel", "chat"), (metric.Type, metric.ObjectProperty.DescribedObject.Kind, metric.ObjectProperty.DescribedObject.Name)));
    }

    [Fact]
    public void Rules_for_adapters_are_well_formed_and_name_the_model()
    {
        var map = ScalingRules.Render(Model(new ScalingSpec { MaxReplicas = 5, MetricsApi = MetricsApi.Prometheus }));
        var adapter = YamlDocuments.Parse(map.Data[ScalingRules.AdapterFile])[0]["externalRules"]!.AsArray();
        Assert.Equal(4, adapter.Count);
        Assert.Equal("attention_queue_depth", (string)adapter[0]!["name"]!["as"]!);
        Assert.Equal("sum by (model) (attention_gateway_queue_depth{<<.LabelMatchers>>})", (string)adapter[0]!["metricsQuery"]!);
        Assert.Equal("attention_gateway_queue_depth{model_namespace!=\"\",model!=\"\"}", (string)adapter[0]!["seriesQuery"]!);

        var scaled = YamlDocuments.Parse(map.Data[ScalingRules.KedaFile])[0];
        Assert.Equal("ScaledObject", (string)scaled["kind"]!);
        var triggers = scaled["spec"]!["triggers"]!.AsArray();
        Assert.Equal(2, triggers.Count);
        Assert.Equal("sum(attention_gateway_queue_depth{model_namespace=\"default\",model=\"chat\"})", (string)triggers[0]!["metadata"]!["query"]!);
    }

    private static AttentionModel Model(ScalingSpec scaling) => new()
    {
        Metadata = new V1ObjectMeta { Name = "chat", NamespaceProperty = "default", Uid = "1" },
        Spec = new AttentionModelSpec { Scaling = scaling, Batching = new BatchingSpec { MaxSequences = 8 } },
    };
}
