using k8s.Models;

namespace AttentionOperator.Api.Schema;

/// <summary>Schema of <c>behavior</c> in autoscaling/v2.</summary>
internal static class ScalingBehaviorSchema
{
    public static V1JSONSchemaProps Create() => new()
    {
        Type = "object",
        Properties = new Dictionary<string, V1JSONSchemaProps>
        {
            ["scaleUp"] = Rules("Growing; default: the greater of 4 replicas and 100 percent in 15 seconds, without a window."),
            ["scaleDown"] = Rules("Shrinking; default: 100 percent in 15 seconds, after a window of 300 seconds."),
        },
    };

    private static V1JSONSchemaProps Rules(string description) => new()
    {
        Type = "object",
        Description = description,
        Properties = new Dictionary<string, V1JSONSchemaProps>
        {
            ["stabilizationWindowSeconds"] = new() { Type = "integer", Format = "int32", Minimum = 0, Maximum = 3600, Description = "Time over which past recommendations hold a change back." },
            ["selectPolicy"] = new() { Type = "string", EnumProperty = ["Max", "Min", "Disabled"], Description = "Which of the policies counts; Disabled never changes in this direction." },
            ["tolerance"] = new() { XKubernetesIntOrString = true, Pattern = @"^[0-9]+(\.[0-9]+)?m?$", Description = "How far a metric may be from its target without a change, as a quantity; default 0.1." },
            ["policies"] = new()
            {
                Type = "array",
                MaxItems = 16,
                XKubernetesListType = "atomic",
                Description = "How much may change in how much time.",
                Items = new V1JSONSchemaProps
                {
                    Type = "object",
                    Required = ["type", "value", "periodSeconds"],
                    Properties = new Dictionary<string, V1JSONSchemaProps>
                    {
                        ["type"] = new() { Type = "string", EnumProperty = ["Pods", "Percent"], Description = "What the value counts." },
                        ["value"] = new() { Type = "integer", Format = "int32", Minimum = 1, Description = "Replicas, or percent of the replicas." },
                        ["periodSeconds"] = new() { Type = "integer", Format = "int32", Minimum = 1, Maximum = 1800, Description = "The time for which it holds." },
                    },
                },
            },
        },
    };
}
