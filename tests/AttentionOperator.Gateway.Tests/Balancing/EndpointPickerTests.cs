using System.Collections.Immutable;
using AttentionOperator.Gateway.Balancing;
using AttentionOperator.Gateway.Routing;

namespace AttentionOperator.Gateway.Tests.Balancing;

public sealed class EndpointPickerTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;
    private readonly ImmutableArray<RuntimeEndpoint> _endpoints = [.. Enumerable.Range(1, 4).Select(i => new RuntimeEndpoint($"10.0.0.{i}", 8000, $"pod-{i}"))];

    [Fact]
    public void TheSameBeginning_GoesToTheSamePod_AndMostStayWhenOneIsAdded()
    {
        var prefixes = Enumerable.Range(1, 400).Select(i => (ulong)i).ToList();
        var before = prefixes.Select(p => Pick(_endpoints, p)).ToList();
        Assert.Equal(before, prefixes.Select(p => Pick(_endpoints, p)));
        Assert.All(_endpoints, e => Assert.InRange(before.Count(b => b == e), 60, 140));
        ImmutableArray<RuntimeEndpoint> more = [.. _endpoints, new RuntimeEndpoint("10.0.0.9", 8000, "pod-9")];
        var after = prefixes.Select(p => Pick(more, p)).ToList();
        Assert.InRange(before.Zip(after).Count(p => p.First != p.Second), 40, 120);
        Assert.All(before.Zip(after).Where(p => p.First != p.Second), p => Assert.Equal("pod-9", p.Second!.Pod));
    }

    [Fact]
    public void APopularBeginning_IsSpread_WithinAQuarterAboveTheMean()
    {
        for (var i = 0; i < 200; i++) Pick(_endpoints, prefix: 7)!.Begin(100);
        Assert.All(_endpoints, e => Assert.InRange(e.OutstandingTokens, 1, (long)(1.25 * 200 * 100 / 4) + 100));
    }

    [Fact]
    public void WithoutABeginning_FewestOutstandingTokens()
    {
        for (var i = 0; i < 3; i++) _endpoints[i].Begin(10);
        Assert.Same(_endpoints[3], Pick(_endpoints, 0));
    }

    [Fact]
    public void FullTriedAndRefusingPods_AreLeftOut_EjectedOnesToo_UnlessAllAre()
    {
        _endpoints[0].Refused(Now, TimeSpan.FromSeconds(1));
        for (var i = 0; i < 2; i++) _endpoints[1].Begin(0);
        for (var i = 0; i < 3; i++) _endpoints[2].Failed(Now);
        Assert.Same(_endpoints[3], Pick(_endpoints, 0));
        Assert.Same(_endpoints[2], EndpointPicker.Pick(_endpoints, [_endpoints[1], _endpoints[3]], 2, 0, 1, Now));
        Assert.Null(EndpointPicker.Pick(_endpoints, [_endpoints[2], _endpoints[3]], 2, 0, 1, Now));
        Assert.False(_endpoints[2].IsEjected(Now + TimeSpan.FromSeconds(5)));
    }

    private static RuntimeEndpoint? Pick(ImmutableArray<RuntimeEndpoint> endpoints, ulong prefix) => EndpointPicker.Pick(endpoints, [], prefix == 7 ? int.MaxValue : 2, prefix, 100, Now);
}
