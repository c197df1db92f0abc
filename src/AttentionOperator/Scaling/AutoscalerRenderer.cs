using System.Globalization;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Scaling;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Children;
using k8s.Models;

namespace AttentionOperator.Scaling;

/// <summary>The HorizontalPodAutoscaler of a model in mode Hpa, on the model's own scale subresource.</summary>
internal static class AutoscalerRenderer
{
    public static bool Wants(AttentionModelSpec spec) => spec.Scaling?.Mode == ScalingMode.Hpa;

    public static V2HorizontalPodAutoscaler Render(AttentionModel model)
    {
        var scaling = model.Spec.Scaling!;
        var targets = ScalingTargets.Of(model.Spec);
        List<V2MetricSpec> metrics = [];
        if (targets.QueueDepth is { } queue)
        {
            metrics.Add(Metric(model, ScalingMetricNames.QueueDepth, new V2MetricTarget { Type = "AverageValue", AverageValue = Quantity(queue) }));
        }

        if (targets.GpuUtilization is { } utilization)
        {
            // A mean over the replicas already: the number of ready pods is what it is multiplied by.
            metrics.Add(Metric(model, ScalingMetricNames.GpuUtilization, new V2MetricTarget { Type = "Value", Value = Quantity(utilization) }));
        }

        metrics.Add(Metric(model, ScalingMetricNames.RunningRequests, new V2MetricTarget { Type = "AverageValue", AverageValue = Quantity(targets.Running) }));
        return new V2HorizontalPodAutoscaler
        {
            ApiVersion = "autoscaling/v2",
            Kind = "HorizontalPodAutoscaler",
            Metadata = ChildLabels.Metadata(model, ChildNames.Autoscaler(model.Metadata.Name), ChildLabels.OfModel(model)),
            Spec = new V2HorizontalPodAutoscalerSpec
            {
                ScaleTargetRef = new V2CrossVersionObjectReference { ApiVersion = ApiNames.ApiVersion, Kind = ApiNames.Kind, Name = model.Metadata.Name },
                // To zero and from zero is the operator's: an autoscaler leaves a target alone that has no replicas.
                MinReplicas = Math.Max(1, scaling.MinReplicas),
                MaxReplicas = scaling.MaxReplicas,
                Metrics = metrics,
                Behavior = scaling.Behavior,
            },
        };
    }

    private static V2MetricSpec Metric(AttentionModel model, string name, V2MetricTarget target) => model.Spec.Scaling!.MetricsApi == MetricsApi.Custom
        ? new V2MetricSpec
        {
            Type = "Object",
            ObjectProperty = new V2ObjectMetricSource
            {
                DescribedObject = new V2CrossVersionObjectReference { ApiVersion = ApiNames.ApiVersion, Kind = ApiNames.Kind, Name = model.Metadata.Name },
                Metric = new V2MetricIdentifier { Name = name },
                Target = target,
            },
        }
        : new V2MetricSpec
        {
            Type = "External",
            External = new V2ExternalMetricSource
            {
                Metric = new V2MetricIdentifier { Name = name, Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { [MetricNames.Model] = model.Metadata.Name } } },
                Target = target,
            },
        };

    /// <summary>As the API server would write it, so that what is live compares equal.</summary>
    private static ResourceQuantity Quantity(decimal value) => new(
        decimal.Truncate(value) == value ? value.ToString("0", CultureInfo.InvariantCulture) : decimal.Ceiling(value * 1000).ToString("0", CultureInfo.InvariantCulture) + "m");
}
