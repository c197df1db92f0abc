using System.Collections.Immutable;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Gateway.Queueing;
using AttentionOperator.Gateway.Routing;

namespace AttentionOperator.Gateway.Tests.Queueing;

/// <summary>How long requests wait for a model that is scaled to zero, and which models that are.</summary>
public sealed class QueueLimitsTests
{
    private static readonly QueueLimits Limits = new()
    {
        InteractiveWait = TimeSpan.FromSeconds(1),
        StandardWait = TimeSpan.FromSeconds(2),
        BatchWait = TimeSpan.FromSeconds(90),
        ColdStartWait = TimeSpan.FromSeconds(60),
    };

    [Theory]
    [InlineData(nameof(RequestClass.Interactive), false, 1)]
    [InlineData(nameof(RequestClass.Standard), false, 2)]
    [InlineData(nameof(RequestClass.Batch), false, 90)]
    [InlineData(nameof(RequestClass.Interactive), true, 60)]
    [InlineData(nameof(RequestClass.Standard), true, 60)]
    [InlineData(nameof(RequestClass.Batch), true, 90)]
    public void ASleepingModel_IsWorthTheColdStart_AndNoClassWaitsShorterForIt(string @class, bool asleep, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Limits.WaitOf(Enum.Parse<RequestClass>(@class), asleep));

    [Theory]
    [InlineData(0, false, true)]
    [InlineData(0, true, false)]
    [InlineData(1, false, false)]
    [InlineData(null, false, false)]
    public void OnlyAModelThatARequestWakes_IsAsleep(int? minReplicas, bool ready, bool asleep)
    {
        ImmutableArray<RuntimeEndpoint> endpoints = ready ? [new RuntimeEndpoint("10.0.0.1", 8000, "pod")] : [];
        var spec = new AttentionModelSpec { Scaling = minReplicas is { } least ? new ScalingSpec { MinReplicas = least, MaxReplicas = 2 } : null };
        // A preview with endpoints does not serve those who name no revision.
        var preview = new RevisionRoute("b", 0, [new RuntimeEndpoint("10.0.0.2", 8000, "preview")]);
        Assert.Equal(asleep, new ModelRoute("ns", "m", spec, [new RevisionRoute("a", 100, endpoints), preview]).IsAsleep);
    }
}
