using System.Text.RegularExpressions;

namespace AttentionOperator.EndToEnd;

/// <summary>The blocks of shell commands in the documents. One that no test can run says why, in a comment above it: <c>&lt;!-- not run: … --&gt;</c>.</summary>
internal static partial class DocumentedCommands
{
    public sealed record Block(string Document, int Line, string Commands, string? NotRunBecause)
    {
        public override string ToString() => $"{Document}:{Line}";
    }

    public static IReadOnlyList<Block> All() =>
    [
        .. new[] { "README.md", "CONTRIBUTING.md", "SECURITY.md", "bench/README.md" }
            .Concat(Directory.GetFiles(Path.Combine(ProductPaths.Root, "docs"), "*.md").Select(file => "docs/" + Path.GetFileName(file)).Order(StringComparer.Ordinal))
            .SelectMany(Of),
    ];

    /// <summary>The first YAML block after some words of a document.</summary>
    public static string YamlAfter(string document, string words)
    {
        var text = File.ReadAllText(Path.Combine(ProductPaths.Root, document));
        var start = text.IndexOf("```yaml\n", text.IndexOf(words, StringComparison.Ordinal), StringComparison.Ordinal) + "```yaml\n".Length;
        return text[start..text.IndexOf("```", start, StringComparison.Ordinal)];
    }

    private static IEnumerable<Block> Of(string document)
    {
        var text = File.ReadAllText(Path.Combine(ProductPaths.Root, document));
        foreach (Match match in Fence().Matches(text))
        {
            var line = text.AsSpan(0, match.Groups["commands"].Index).Count('\n');
            yield return new Block(document, line, match.Groups["commands"].Value, match.Groups["reason"] is { Success: true } reason ? reason.Value : null);
        }
    }

    [GeneratedRegex(@"(<!-- not run: (?<reason>[^\n]+) -->\n)?^```(sh|bash|shell|console)\n(?<commands>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Fence();
}
