using System.Diagnostics.CodeAnalysis;
using k8s.Models;

namespace AttentionOperator.Api.Schema;

/// <summary>Schemas of the Kubernetes types that the contract embeds; field descriptions follow the Kubernetes API reference.</summary>
internal static class KubernetesSchemas
{
    public static bool TryGet(Type type, [NotNullWhen(true)] out V1JSONSchemaProps? schema)
    {
        schema = type == typeof(V1Condition) ? Condition()
            : type == typeof(V1Toleration) ? Toleration()
            : type == typeof(V1LocalObjectReference) ? LocalObjectReference()
            : type == typeof(V1LabelSelector) ? LabelSelector()
            : type == typeof(V2HorizontalPodAutoscalerBehavior) ? ScalingBehaviorSchema.Create()
            : null;
        return schema is not null;
    }

    private static V1JSONSchemaProps Condition() => new()
    {
        Type = "object",
        Required = ["type", "status", "lastTransitionTime", "reason", "message"],
        Properties = new Dictionary<string, V1JSONSchemaProps>
        {
            ["type"] = new() { Type = "string", MaxLength = 316, Description = "Type of the condition in CamelCase." },
            ["status"] = new() { Type = "string", EnumProperty = ["True", "False", "Unknown"], Description = "True, False or Unknown." },
            ["observedGeneration"] = new() { Type = "integer", Format = "int64", Minimum = 0, Description = "Generation that the condition was set for." },
            ["lastTransitionTime"] = new() { Type = "string", Format = "date-time", Description = "When the status changed last." },
            ["reason"] = new() { Type = "string", MinLength = 1, MaxLength = 1024, Pattern = "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$", Description = "One CamelCase word for the last transition." },
            ["message"] = new() { Type = "string", MaxLength = 32768, Description = "Details for people." },
        },
    };

    private static V1JSONSchemaProps Toleration() => new()
    {
        Type = "object",
        Properties = new Dictionary<string, V1JSONSchemaProps>
        {
            ["key"] = new() { Type = "string", Description = "Taint key; empty with operator Exists tolerates every taint." },
            ["operator"] = new() { Type = "string", EnumProperty = ["Exists", "Equal"], Description = "How key and value are compared; default Equal." },
            ["value"] = new() { Type = "string", Description = "Taint value; empty with operator Exists." },
            ["effect"] = new() { Type = "string", EnumProperty = ["NoSchedule", "PreferNoSchedule", "NoExecute"], Description = "Taint effect; empty tolerates all effects." },
            ["tolerationSeconds"] = new() { Type = "integer", Format = "int64", Description = "How long a NoExecute taint is tolerated; default: for ever." },
        },
    };

    private static V1JSONSchemaProps LocalObjectReference() => new()
    {
        Type = "object",
        Required = ["name"],
        Properties = new Dictionary<string, V1JSONSchemaProps>
        {
            ["name"] = new() { Type = "string", MinLength = 1, MaxLength = 253, Description = "Name of the object in the same namespace." },
        },
    };

    private static V1JSONSchemaProps LabelSelector() => new()
    {
        Type = "object",
        Properties = new Dictionary<string, V1JSONSchemaProps>
        {
            ["matchLabels"] = new()
            {
                Type = "object",
                AdditionalProperties = new V1JSONSchemaProps { Type = "string" },
                MaxProperties = 32,
                Description = "Labels that all must be there.",
            },
            ["matchExpressions"] = new()
            {
                Type = "array",
                MaxItems = 32,
                XKubernetesListType = "atomic",
                Description = "Requirements that all must hold.",
                Items = new V1JSONSchemaProps
                {
                    Type = "object",
                    Required = ["key", "operator"],
                    Properties = new Dictionary<string, V1JSONSchemaProps>
                    {
                        ["key"] = new() { Type = "string", Description = "Label key." },
                        ["operator"] = new() { Type = "string", EnumProperty = ["In", "NotIn", "Exists", "DoesNotExist"], Description = "How the label is compared." },
                        ["values"] = new() { Type = "array", Items = new V1JSONSchemaProps { Type = "string" }, MaxItems = 64, XKubernetesListType = "atomic", Description = "Values for In and NotIn." },
                    },
                },
            },
        },
    };
}
