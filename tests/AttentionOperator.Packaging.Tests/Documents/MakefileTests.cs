using System.Text.RegularExpressions;

namespace AttentionOperator.Packaging.Tests.Documents;

public sealed partial class MakefileTests
{
    [Fact]
    public async Task Make_help_lists_every_public_target()
    {
        var help = (await Tool.Find("make").RunAsync("--no-print-directory", "help")).RequireSuccess();
        var targets = Target().Matches(Repository.Read("Makefile")).Select(match => match.Groups["name"].Value).Where(name => name != "quickstart").ToList();
        Assert.Contains("test", targets);
        Assert.All(targets, target => Assert.Matches($@"(?m)^  {target} +\S", help));
    }

    [GeneratedRegex(@"^(?<name>[a-z][a-z-]*):(?!=)", RegexOptions.Multiline)]
    private static partial Regex Target();
}
