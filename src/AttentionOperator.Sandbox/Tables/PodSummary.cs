using System.Globalization;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Tables;

/// <summary>A pod in three cells, as kubectl shows it.</summary>
internal static class PodSummary
{
    public static string Ready(JsonObject pod)
    {
        var total = (pod.At("spec", "containers") as JsonArray)?.Count ?? 0;
        return $"{Statuses(pod).Count(s => s.Flag("ready") == true && s.At("state", "running") is not null)}/{total}";
    }

    public static string Status(JsonObject pod)
    {
        var status = pod.Object("status");
        var reason = status.Text("reason") is { Length: > 0 } given ? given : status.Text("phase") ?? "Unknown";
        if (status.Array("conditions").Objects().Any(c => c.Text("type") == "PodScheduled" && c.Text("reason") == "SchedulingGated")) reason = "SchedulingGated";
        var initializing = Initializing(pod, ref reason);
        if (!initializing)
        {
            var hasRunning = false;
            foreach (var container in Statuses(pod).Reverse())
            {
                var state = container.Object("state");
                if (state.Object("waiting").Text("reason") is { Length: > 0 } waiting) reason = waiting;
                else if (state.Object("terminated") is { } ended) reason = ended.Text("reason") is { Length: > 0 } why ? why : Exit(ended);
                else if (container.Flag("ready") == true && state.Object("running") is not null) hasRunning = true;
            }

            if (reason == "Completed" && hasRunning)
                reason = Builtins.PodConditions.IsReady(pod) ? "Running" : "NotReady";
        }

        if (pod.DeletionTimestamp() is null) return reason;
        if (status.Text("reason") == "NodeLost") return "Unknown";
        return status.Text("phase") is "Succeeded" or "Failed" ? reason : "Terminating";
    }

    public static string Restarts(JsonObject pod, DateTimeOffset now)
    {
        var count = Statuses(pod).Sum(s => s.Integer("restartCount") ?? 0);
        var last = Statuses(pod).Select(s => s.At("lastState", "terminated", "finishedAt").AsText()).OfType<string>().Order(StringComparer.Ordinal).LastOrDefault();
        var shown = count.ToString(CultureInfo.InvariantCulture);
        return count > 0 && last is not null ? $"{shown} ({Ages.Since(last, now)} ago)" : shown;
    }

    private static bool Initializing(JsonObject pod, ref string reason)
    {
        var total = (pod.At("spec", "initContainers") as JsonArray)?.Count ?? 0;
        var index = 0;
        foreach (var container in (pod.At("status", "initContainerStatuses") as JsonArray).Objects())
        {
            var state = container.Object("state");
            var at = index++;
            if (state.Object("terminated") is { } done && (done.Integer("exitCode") ?? 0) == 0) continue;
            if (container.Flag("started") == true) continue;
            if (state.Object("terminated") is { } failed) reason = "Init:" + (failed.Text("reason") is { Length: > 0 } why ? why : Exit(failed));
            else if (state.Object("waiting").Text("reason") is { Length: > 0 } waiting and not "PodInitializing") reason = "Init:" + waiting;
            else reason = $"Init:{at}/{total}";
            return true;
        }

        return false;
    }

    private static IEnumerable<JsonObject> Statuses(JsonObject pod) => (pod.At("status", "containerStatuses") as JsonArray).Objects();

    private static string Exit(JsonObject ended) => ended.Integer("signal") is { } signal and not 0 ? $"Signal:{signal}" : $"ExitCode:{ended.Integer("exitCode")}";
}
