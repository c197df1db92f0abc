using AttentionOperator.Api.Values;

namespace AttentionOperator.Api.Tests.Values;

public sealed class QuantitiesTests
{
    [Theory]
    [InlineData("2", 2)]
    [InlineData("500m", 0.5)]
    [InlineData("1.5", 1.5)]
    [InlineData("1Ki", 1024)]
    [InlineData("1.5Gi", 1610612736)]
    [InlineData("12e6", 12000000)]
    [InlineData("1E", 1e18)]
    [InlineData("100k", 100000)]
    public void Reads_every_suffix(string text, double value) => Assert.Equal((decimal)value, Quantities.Parse(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Gi")]
    [InlineData("1 Gi")]
    [InlineData("1GB")]
    [InlineData("0x10")]
    [InlineData("9e40")]
    public void Refuses_anything_else(string? text) => Assert.False(Quantities.TryParse(text, out _));

    [Fact]
    public void Bytes_are_rounded_up_and_bounded()
    {
        Assert.Equal(2, Quantities.ParseBytes("1500m"));
        Assert.Throws<FormatException>(() => Quantities.ParseBytes("100E"));
    }

    [Theory]
    [InlineData("1000m", "1")]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("1.0", "1")]
    public void Equal_quantities_have_one_canonical_text(string left, string right) =>
        Assert.Equal(Quantities.Canonical(left), Quantities.Canonical(right));
}
