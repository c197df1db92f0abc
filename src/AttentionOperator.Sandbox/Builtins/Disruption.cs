using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Builtins;

/// <summary>Whether a disruption budget lets a pod go, by the numbers that the disruption controller keeps in its status.</summary>
internal static class Disruption
{
    /// <summary>Pods that have ended, or have not begun, disturb nobody.</summary>
    public static bool IsFree(JsonObject pod) =>
        pod.At("status", "phase").AsText() is "Succeeded" or "Failed" or "Pending" || pod.DeletionTimestamp() is not null;

    public static bool IsUnhealthyAndFree(JsonObject pod, JsonObject budget)
    {
        if (PodConditions.IsReady(pod)) return false;
        if (budget.At("spec", "unhealthyPodEvictionPolicy").AsText() == "AlwaysAllow") return true;
        var status = budget.Object("status");
        return status.Integer("currentHealthy") >= status.Integer("desiredHealthy") && status.Integer("desiredHealthy") > 0;
    }

    public static JsonObject Take(JsonObject budget, JsonObject pod, DateTimeOffset now)
    {
        var status = budget.Ensure("status");
        var observed = status.Integer("observedGeneration") ?? 0;
        if (observed < (budget.At("metadata", "generation").AsInteger() ?? 0))
            throw TooMany(budget, $"The disruption budget {budget.Name()} is still being processed by the server.", 10);
        if ((status.Integer("disruptionsAllowed") ?? 0) <= 0)
        {
            throw TooMany(budget,
                $"The disruption budget {budget.Name()} needs {status.Integer("desiredHealthy") ?? 0} healthy pods and has {status.Integer("currentHealthy") ?? 0} currently", 0);
        }

        status["disruptionsAllowed"] = status.Integer("disruptionsAllowed") - 1;
        status.Ensure("disruptedPods")[pod.Name()!] = ObjectMeta.Time(now);
        return budget;
    }

    private static ApiException TooMany(JsonObject budget, string message, int retryAfterSeconds)
    {
        var details = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "DisruptionBudget", ["message"] = message }) };
        if (retryAfterSeconds > 0) details["retryAfterSeconds"] = retryAfterSeconds;
        _ = budget;
        return new ApiException(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", details)
        {
            RetryAfterSeconds = retryAfterSeconds > 0 ? retryAfterSeconds : null,
        };
    }
}
