using AttentionOperator.Sandbox.NodeAgent.Containers;

namespace AttentionOperator.Sandbox.Tests.NodeAgent;

public sealed class VariableExpansionTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("$(A)", "1")]
    [InlineData("x-$(A)-$(B)", "x-1-2")]
    [InlineData("$(MISSING)", "$(MISSING)")]
    [InlineData("$$(A)", "$(A)")]
    [InlineData("$$$(A)", "$1")]
    [InlineData("$", "$")]
    [InlineData("$A", "$A")]
    [InlineData("$(A", "$(A")]
    [InlineData("$$", "$")]
    public void Expand_FollowsTheRulesOfKubernetes(string text, string expected)
    {
        var values = new Dictionary<string, string> { ["A"] = "1", ["B"] = "2" };

        Assert.Equal(expected, VariableExpansion.Expand(text, values.GetValueOrDefault));
    }
}
