using AttentionOperator.Gateway.Queueing;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Gateway.Tests.Queueing;

public sealed class ColdStartClockTests
{
    private static readonly TimeSpan Otherwise = TimeSpan.FromSeconds(10);
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    private readonly ColdStartClock _clock;

    public ColdStartClockTests() => _clock = new ColdStartClock(_time);

    [Fact]
    public void WithoutAStartSeen_TheDefaultHolds()
    {
        Assert.Equal(Otherwise, _clock.RetryAfter(Otherwise));
        _clock.Asked();
        _time.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(Otherwise, _clock.RetryAfter(Otherwise));
    }

    [Fact]
    public void WhatIsLeftOfTheLongestOfTheLastStarts_IsTold()
    {
        Start(40);
        Start(60);
        Start(50);
        Asked(10);
        Assert.Equal(TimeSpan.FromSeconds(50), _clock.RetryAfter(Otherwise));
    }

    [Fact]
    public void OldStarts_AreForgotten()
    {
        Start(240);
        Start(20);
        Start(20);
        Start(20);
        Asked(5);
        Assert.Equal(TimeSpan.FromSeconds(15), _clock.RetryAfter(Otherwise));
    }

    [Theory]
    [InlineData(40, 39, 10)]
    [InlineData(40, 3600, 10)]
    [InlineData(2, 30, 1)]
    public void AStartThatIsLate_IsAskedAfterInAQuarterOfItsTime(int start, int passed, int told)
    {
        Start(start);
        Asked(passed);
        Assert.Equal(TimeSpan.FromSeconds(told), _clock.RetryAfter(Otherwise));
    }

    [Fact]
    public void AnOutageOfHours_IsNoMeasureOfAStart()
    {
        Start(4 * 3600);
        Asked(0);
        Assert.Equal(ColdStartClock.Longest, _clock.RetryAfter(Otherwise));
    }

    [Fact]
    public void TheFirstRequestCounts_NotTheLast()
    {
        Asked(30);
        Asked(30);
        _clock.Started();
        Asked(0);
        Assert.Equal(TimeSpan.FromSeconds(60), _clock.RetryAfter(Otherwise));
    }

    [Fact]
    public void WhatNobodyAskedFor_IsNoStart()
    {
        _time.Advance(TimeSpan.FromMinutes(3));
        _clock.Started();
        Asked(0);
        Assert.Equal(Otherwise, _clock.RetryAfter(Otherwise));
    }

    private void Asked(int seconds)
    {
        _clock.Asked();
        _time.Advance(TimeSpan.FromSeconds(seconds));
    }

    private void Start(int seconds)
    {
        Asked(seconds);
        _clock.Started();
    }
}
