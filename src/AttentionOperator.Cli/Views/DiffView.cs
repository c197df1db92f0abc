using System.Text.Json;
using AttentionOperator.Cli.Models;

namespace AttentionOperator.Cli.Views;

/// <summary>What differs between two revisions, field by field.</summary>
internal static class DiffView
{
    public static void Write(TextWriter output, RevisionRecord from, RevisionRecord to)
    {
        output.WriteLine($"--- {from.Hash} (number {from.Number})");
        output.WriteLine($"+++ {to.Hash} (number {to.Number})");
        var (before, after) = (Flatten(from.Data), Flatten(to.Data));
        foreach (var path in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            var (old, now) = (before.GetValueOrDefault(path), after.GetValueOrDefault(path));
            if (old == now)
            {
                continue;
            }

            if (old is not null)
            {
                output.WriteLine($"- {path}: {old}");
            }

            if (now is not null)
            {
                output.WriteLine($"+ {path}: {now}");
            }
        }
    }

    private static Dictionary<string, string> Flatten(JsonElement data)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        Add(data, "");
        return fields;

        void Add(JsonElement element, string path)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var property in element.EnumerateObject())
                    {
                        Add(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}");
                    }

                    break;
                case JsonValueKind.Array:
                    foreach (var (item, index) in element.EnumerateArray().Select((item, index) => (item, index)))
                    {
                        Add(item, $"{path}[{index}]");
                    }

                    break;
                case JsonValueKind.Undefined:
                    break;
                default:
                    fields[path] = element.GetRawText();
                    break;
            }
        }
    }
}
