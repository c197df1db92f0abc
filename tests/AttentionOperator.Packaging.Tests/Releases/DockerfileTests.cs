using System.Text.RegularExpressions;

namespace AttentionOperator.Packaging.Tests.Releases;

/// <summary>What can be said about the images without base images to build on.</summary>
public sealed partial class DockerfileTests
{
    private static readonly string Text = Repository.Read("Dockerfile");

    private static readonly Dictionary<string, (string Parent, string Body)> Stages = Stage().Matches(Text)
        .ToDictionary(match => match.Groups["name"].Value, match => (match.Groups["parent"].Value, match.Groups["body"].Value), StringComparer.Ordinal);

    [Theory]
    [InlineData("operator", "attention-operator")]
    [InlineData("gateway", "attention-gateway")]
    [InlineData("runtime", "attention-runtime")]
    [InlineData("runtime-cuda", "attention-runtime")]
    public void An_image_runs_its_program_as_an_unprivileged_user(string target, string program)
    {
        Assert.Contains($"ENTRYPOINT [\"/app/{program}\"]", Stages[target].Body, StringComparison.Ordinal);
        Assert.Equal("65532:65532", User().Matches(string.Concat(Ancestors(target).Select(stage => Stages[stage].Body))).Last().Groups["user"].Value);
        // The program comes from the project whose assembly has that name.
        var project = Project().Match(Stages["publish-" + target].Body).Groups["project"].Value;
        Assert.Contains($"<AssemblyName>{program}</AssemblyName>", File.ReadAllText(Directory.GetFiles(Repository.PathOf(project), "*.csproj").Single()), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_arguments_name_base_images() =>
        Assert.All(Stages.Values.Select(stage => stage.Parent).Where(parent => !Stages.ContainsKey(parent)), parent => Assert.Matches(@"^\$\{[A-Z]+_IMAGE\}$", parent));

    [Fact]
    public void Cuda_is_chosen_by_the_build_property()
    {
        Assert.Contains("-p:TorchFlavour=Cuda", Stages["publish-runtime-cuda"].Body, StringComparison.Ordinal);
        Assert.Contains("-p:TorchFlavour=Cpu", Stages["publish-runtime"].Body, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_publish_is_reproducible() => Assert.All(Stages.Where(stage => stage.Key.StartsWith("publish-", StringComparison.Ordinal)), stage =>
    {
        Assert.Contains("-p:ContinuousIntegrationBuild=true", stage.Value.Body, StringComparison.Ordinal);
        Assert.Contains("-p:PathMap=/source=/_", stage.Value.Body, StringComparison.Ordinal);
        Assert.Contains("touch --no-dereference --date=@${SOURCE_DATE_EPOCH}", stage.Value.Body, StringComparison.Ordinal);
    });

    [Fact]
    public void What_is_copied_exists_and_is_not_ignored()
    {
        var sources = Copy().Matches(Text).SelectMany(match => match.Groups["files"].Value.Split(' ')[..^1]).ToList();
        Assert.NotEmpty(sources);
        var allowed = Repository.Read(".dockerignore").Split('\n').Where(line => line.StartsWith('!')).Select(line => line[1..]).ToList();
        Assert.All(sources, source =>
        {
            Assert.True(Path.Exists(Repository.PathOf(source)), source);
            Assert.Contains(source.TrimEnd('/'), allowed);
        });
    }

    private static IEnumerable<string> Ancestors(string stage) => Stages.TryGetValue(stage, out var found) ? [.. Ancestors(found.Parent), stage] : [];

    [GeneratedRegex(@"^FROM (?<parent>\S+) AS (?<name>\S+)\n(?<body>(?:(?!^FROM ).*\n)*)", RegexOptions.Multiline)]
    private static partial Regex Stage();

    [GeneratedRegex(@"^USER (?<user>\S+)$", RegexOptions.Multiline)]
    private static partial Regex User();

    [GeneratedRegex(@"dotnet publish (?<project>\S+)")]
    private static partial Regex Project();

    [GeneratedRegex(@"^COPY (?!--from)(?<files>.+)$", RegexOptions.Multiline)]
    private static partial Regex Copy();
}
