using System.Globalization;
using System.Text.Json;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Cli.Models;

namespace AttentionOperator.Cli.Views;

/// <summary>The revisions of a model, and what each is now.</summary>
internal static class HistoryView
{
    public static void Write(TextWriter output, AttentionModel model, IReadOnlyList<RevisionRecord> history) => TextTable.Write(
        output,
        ["REVISION", "NUMBER", "STATE", "TRAFFIC", "REPLICAS", "CREATED", "MODEL"],
        history.Reverse().Select(revision => (IReadOnlyList<string>)
        [
            revision.Hash,
            revision.Number.ToString(CultureInfo.InvariantCulture),
            State(model.Status, revision.Hash),
            $"{model.Status?.Traffic?.FirstOrDefault(share => share.Revision == revision.Hash)?.Weight ?? 0}%",
            model.Status?.Revisions?.FirstOrDefault(found => found.Hash == revision.Hash) is { } found ? $"{found.ReadyReplicas}/{found.Replicas}" : "-",
            revision.Created?.ToString("u", CultureInfo.InvariantCulture) ?? "-",
            revision.Data is { ValueKind: JsonValueKind.Object } data && data.TryGetProperty("model", out var source) && source.TryGetProperty("uri", out var uri) ? uri.GetString() ?? "" : "-",
        ]));

    private static string State(AttentionModelStatus? status, string hash)
    {
        var words = new List<string>();
        if (status?.StableRevision == hash)
        {
            words.Add("stable");
        }

        if (status?.TargetRevision == hash && status.StableRevision != hash)
        {
            words.Add("target");
        }

        if (status?.Rejected?.FirstOrDefault(rejected => rejected.Hash == hash) is { } found)
        {
            words.Add($"rejected ({found.Reason})");
        }

        return words.Count == 0 ? "-" : string.Join(", ", words);
    }
}
