using System.Text.RegularExpressions;

namespace AttentionOperator.Packaging.Tests.Rendering;

public sealed partial class GoldenTests
{
    [Theory]
    [InlineData("defaults")]
    [InlineData("minimal")]
    [InlineData("everything")]
    public async Task Renders_as_reviewed(string values)
    {
        var rendered = await Chart.RenderAsync(values == "defaults" ? [] : ["--values", Chart.Values(values)]);
        // What has a test of its own, or is a file of the repository, would only make the difference unreadable.
        foreach (var part in (Regex[])[Definition(), Dashboard(), Rules(), Alerts()])
        {
            rendered = part.Replace(rendered, "$1# left out\n");
        }

        await GoldenFile.CompareAsync(values + ".yaml", rendered);
    }

    [GeneratedRegex(@"(# Source: attention-operator/templates/crds/crds\.yaml\n)(?:(?!^---$).*\n)*", RegexOptions.Multiline)]
    private static partial Regex Definition();

    [GeneratedRegex(@"^(rules:\n)(?:[ -] .*\n)*", RegexOptions.Multiline)]
    private static partial Regex Rules();

    [GeneratedRegex(@"^(spec:\n  groups:\n)(?:    .*\n| *\n)*", RegexOptions.Multiline)]
    private static partial Regex Alerts();

    [GeneratedRegex(@"^(  [a-z-]+\.json: \|-\n)(?:    .*\n| *\n)*", RegexOptions.Multiline)]
    private static partial Regex Dashboard();
}
