using AttentionOperator.Api.Runtime;

namespace AttentionOperator.Api.Tests.Runtime;

public sealed class LastStepTests
{
    [Fact]
    public void A_padded_line_is_read() =>
        Assert.Equal(new LastStep(2048, 7, 9000), LastStep.Parse("""{"step":{"tokens":2048,"sequences":7,"longest":9000}}                  """));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Killed")]
    [InlineData("""{"reason":"OutOfMemory","message":"x"}""")]
    [InlineData("""{"step":{"tokens":1,"sequences":"2","longest":3}}""")]
    [InlineData("""{"step":[1]}""")]
    public void Other_last_words_are_none(string? text) => Assert.Null(LastStep.Parse(text));
}
