using System.Text.Json.Nodes;

namespace AttentionOperator.Gateway.Batches;

/// <summary>The requests that have a line in files of answers, which may still be written: a line without its end is none yet.</summary>
internal sealed class BatchOutputIds(params IReadOnlyList<string> paths)
{
    public HashSet<string> Read()
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            var text = reader.ReadToEnd();
            foreach (var line in text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries)) ids.Add(JsonNode.Parse(line)!["custom_id"]!.GetValue<string>());
        }

        return ids;
    }
}
