using AttentionOperator.Sandbox.NodeAgent.Containers;

namespace AttentionOperator.Sandbox.Tests.NodeAgent;

public sealed class MountTableTests
{
    private static readonly MountTable Mounts = new(new Dictionary<string, string>
    {
        ["/models"] = "/host/m",
        ["/models/inner"] = "/host/i",
        ["/etc/attention/"] = "/host/c",
    });

    [Theory]
    [InlineData("/models", "/host/m")]
    [InlineData("/models/llama", "/host/m/llama")]
    [InlineData("/models/inner/x", "/host/i/x")]
    [InlineData("/modelsx", "/modelsx")]
    [InlineData("/etc/attention/runtime.json", "/host/c/runtime.json")]
    [InlineData("--config=/etc/attention/runtime.json", "--config=/host/c/runtime.json")]
    [InlineData("text with /models inside", "text with /models inside")]
    [InlineData("a=/models", "a=/models")]
    [InlineData("", "")]
    public void Rewrite_ReplacesLeadingMountPathsOnly(string value, string expected) => Assert.Equal(expected, Mounts.Rewrite(value));
}
