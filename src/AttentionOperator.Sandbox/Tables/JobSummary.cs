using System.Globalization;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Tables;

internal static class JobSummary
{
    public static string Status(JsonObject job)
    {
        var conditions = (job.At("status", "conditions") as JsonArray).Objects().Where(c => c.Text("status") == "True").Select(c => c.Text("type")).ToList();
        if (conditions.Contains("Complete")) return "Complete";
        if (conditions.Contains("Failed")) return "Failed";
        if (job.DeletionTimestamp() is not null) return "Terminating";
        if (conditions.Contains("Suspended")) return "Suspended";
        if (conditions.Contains("FailureTarget")) return "FailureTarget";
        return conditions.Contains("SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running";
    }

    public static string Completions(JsonObject job)
    {
        var done = job.At("status", "succeeded").AsInteger() ?? 0;
        if (job.At("spec", "completions").AsInteger() is { } wanted) return $"{done}/{wanted}";
        var parallelism = job.At("spec", "parallelism").AsInteger() ?? 0;
        return parallelism > 1 ? $"{done}/1 of {parallelism}" : $"{done}/1";
    }

    public static string Duration(JsonObject job, DateTimeOffset now)
    {
        if (job.At("status", "startTime").AsText() is not { } started) return "";
        var end = job.At("status", "completionTime").AsText() is { } completed ? DateTimeOffset.Parse(completed, CultureInfo.InvariantCulture) : now;
        return Ages.Format(end - DateTimeOffset.Parse(started, CultureInfo.InvariantCulture));
    }
}
