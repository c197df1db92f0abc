using System.Text.Json.Nodes;

namespace AttentionOperator.Sandbox.Discovery;

/// <summary>The Kubernetes version whose API the Sandbox speaks.</summary>
internal static class ServerVersion
{
    public const string Minor = "36";

    public static JsonObject Document() => new()
    {
        ["major"] = "1",
        ["minor"] = Minor,
        ["emulationMajor"] = "1",
        ["emulationMinor"] = Minor,
        ["minCompatibilityMajor"] = "1",
        ["minCompatibilityMinor"] = "35",
        ["gitVersion"] = $"v1.{Minor}.0+attention-sandbox",
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "2026-01-01T00:00:00Z",
        ["goVersion"] = "",
        ["compiler"] = "dotnet",
        ["platform"] = "linux/amd64",
    };
}
