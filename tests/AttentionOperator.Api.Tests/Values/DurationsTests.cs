using AttentionOperator.Api.Values;
using CsCheck;

namespace AttentionOperator.Api.Tests.Values;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData("250ms", 250)]
    [InlineData("45s", 45_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("720h", 2_592_000_000)]
    public void Reads_hours_minutes_seconds_milliseconds(string text, long milliseconds) =>
        Assert.Equal(milliseconds, Durations.Parse(text).TotalMilliseconds);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("5 s")]
    [InlineData("-5s")]
    [InlineData("1d")]
    [InlineData("s")]
    [InlineData("999999999h")]
    public void Refuses_anything_else(string? text) => Assert.False(Durations.TryParse(text, out _));

    [Fact]
    public void What_is_formatted_is_read_back() =>
        Gen.Long[0, 3_600_000L * 24 * 3650].Sample(ms => Durations.Parse(Durations.Format(TimeSpan.FromMilliseconds(ms))).TotalMilliseconds == ms);
}
