using System.Text.RegularExpressions;

namespace AttentionOperator.Packaging.Tests.Documents;

public sealed partial class LinkTests
{
    public static TheoryData<string> Documents() => [.. new[] { Repository.Root, Repository.PathOf("docs"), Repository.Chart }
        .SelectMany(directory => Directory.EnumerateFiles(directory, "*.md"))
        .Select(path => Path.GetRelativePath(Repository.Root, path))
        .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Links_inside_the_repository_lead_somewhere(string document)
    {
        var directory = Path.GetDirectoryName(Repository.PathOf(document))!;
        var broken = Link().Matches(Code().Replace(File.ReadAllText(Repository.PathOf(document)), ""))
            .Select(match => match.Groups["target"].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal))
            .Where(target => !Exists(directory, document, target));
        Assert.Empty(broken);
    }

    private static bool Exists(string directory, string document, string target)
    {
        var hash = target.IndexOf('#', StringComparison.Ordinal);
        var path = hash == 0 ? Repository.PathOf(document) : Path.GetFullPath(Path.Combine(directory, hash < 0 ? target : target[..hash]));
        if (!Path.Exists(path)) return false;
        return hash < 0 || Heading().Matches(File.ReadAllText(path)).Any(heading => Anchor(heading.Groups["text"].Value) == target[(hash + 1)..]);
    }

    private static string Anchor(string heading) => NotInAnchor().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"(?<!!)\[[^\]\n]+\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```|`[^`\n]*`", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();
}
