using AttentionOperator.AggregatedMetrics;

namespace AttentionOperator.Tests.AggregatedMetrics;

public sealed class LabelSelectorTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["model"] = "chat", ["tier"] = "gold" };

    [Theory]
    [InlineData("", true)]
    [InlineData("model=chat", true)]
    [InlineData("model==chat", true)]
    [InlineData("model=chat,tier!=gold", false)]
    [InlineData("model in (chat, other),tier", true)]
    [InlineData("model notin (chat)", false)]
    [InlineData("!tier", false)]
    [InlineData("!absent,absent!=x,absent notin (y)", true)]
    [InlineData("absent", false)]
    [InlineData("model=", false)]
    public void Terms_mean_what_they_mean_to_Kubernetes(string text, bool matches) => Assert.Equal(matches, LabelSelector.Parse(text).Matches(Labels));

    [Theory]
    [InlineData("model in chat")]
    [InlineData(",")]
    [InlineData("a b")]
    public void What_is_no_selector_is_refused(string text) => Assert.Throws<FormatException>(() => LabelSelector.Parse(text));
}
