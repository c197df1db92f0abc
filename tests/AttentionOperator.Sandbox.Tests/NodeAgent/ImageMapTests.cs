using AttentionOperator.Sandbox.NodeAgent.Images;

namespace AttentionOperator.Sandbox.Tests.NodeAgent;

public sealed class ImageMapTests
{
    private static readonly ImageMap Images = new(new Dictionary<string, IReadOnlyList<string>>
    {
        ["attention-runtime"] = ["dotnet", "/opt/attention-runtime.dll"],
        ["example.org/other/attention-runtime"] = ["/opt/other"],
        ["pinned:1"] = ["/opt/one"],
    });

    [Theory]
    [InlineData("attention-runtime", "dotnet")]
    [InlineData("ghcr.io/x/attention-runtime:1.2", "dotnet")]
    [InlineData("localhost:5000/attention-runtime", "dotnet")]
    [InlineData("attention-runtime@sha256:abc", "dotnet")]
    [InlineData("example.org/other/attention-runtime:9", "/opt/other")]
    [InlineData("pinned:1", "/opt/one")]
    [InlineData("pinned:2", null)]
    [InlineData("unknown", null)]
    public void Find_PrefersTheMoreExactName(string image, string? expected) => Assert.Equal(expected, Images.Find(image)?[0]);

    [Theory]
    [InlineData("", "serve", "dotnet /opt/attention-runtime.dll serve")]
    [InlineData("/app/attention-runtime fetch", "x", "dotnet /opt/attention-runtime.dll fetch x")]
    [InlineData("sh -c", "true", "sh -c true")]
    public void CommandLine_CombinesEntryPointCommandAndArguments(string command, string arguments, string expected) =>
        Assert.Equal(expected, string.Join(' ', ImageMap.CommandLine(Images.Find("attention-runtime")!, Words(command), Words(arguments))));

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
