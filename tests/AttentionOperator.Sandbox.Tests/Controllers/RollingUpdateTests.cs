using AttentionOperator.Sandbox.Controllers.Deployments;
using CsCheck;
using k8s.Models;

namespace AttentionOperator.Sandbox.Tests.Controllers;

public sealed class RollingUpdateTests
{
    [Theory]
    [InlineData(10, "25%", "25%", 3, 2)]
    [InlineData(1, "25%", "25%", 1, 0)]
    [InlineData(4, "0", "0%", 0, 1)]
    [InlineData(4, "1", "0", 1, 0)]
    [InlineData(3, "0", "100%", 0, 3)]
    [InlineData(2, "0", "5", 0, 2)]
    [InlineData(0, "1", "1", 0, 0)]
    public void Bounds_RoundSurgeUpAndUnavailableDown(int replicas, string surge, string unavailable, int expectedSurge, int expectedUnavailable)
    {
        var spec = new V1DeploymentSpec
        {
            Replicas = replicas,
            Strategy = new V1DeploymentStrategy
            {
                Type = "RollingUpdate",
                RollingUpdate = new V1RollingUpdateDeployment { MaxSurge = surge, MaxUnavailable = unavailable },
            },
        };

        Assert.Equal(new RolloutBounds(expectedSurge, expectedUnavailable), RolloutBounds.Of(spec));
    }

    [Fact]
    public void Rollout_FromAnyStart_ConvergesWithinItsBounds() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[0, 4], Gen.Int[0, 4], Gen.Int[0, 12].List[1, 3], Gen.Int[0, int.MaxValue]).Sample((replicas, surge, unavailable, oldSizes, seed) =>
        {
            var bounds = surge == 0 && unavailable == 0 ? new RolloutBounds(0, 1) : new RolloutBounds(surge, Math.Min(unavailable, replicas));
            var random = new Random(seed);
            var current = new ReplicaSetSize("new", 0, 0, 0);
            // The old sets together are what was wanted before, some of their pods ill.
            var old = Share(replicas, oldSizes).Select((size, i) => new ReplicaSetSize($"old-{i}", size, size, Math.Max(0, size - random.Next(2)))).ToList();
            var startAvailable = old.Sum(o => o.Available);
            for (var step = 0; step < 500; step++)
            {
                var size = RollingUpdate.NewSize(replicas, bounds, current, old);
                if (size != current.Desired)
                {
                    current = current with { Desired = size };
                }
                else
                {
                    var next = RollingUpdate.OldSizes(replicas, bounds, current, old);
                    old = [.. old.Select(o => o with { Desired = next.GetValueOrDefault(o.Name, o.Desired) })];
                }

                Assert.True(current.Desired + old.Sum(o => o.Desired) <= replicas + bounds.MaxSurge, "more pods than the surge allows");
                var available = current.Available + old.Sum(o => o.AvailableToStay);
                Assert.True(available >= Math.Min(startAvailable, replicas - bounds.MaxUnavailable), "fewer available pods than promised");
                if (current.Desired == replicas && current.Available == replicas && old.All(o => o.Desired == 0))
                {
                    return;
                }

                // The statuses of shrinking sets follow at some time.
                old = [.. old.Select(o => random.Next(3) > 0 ? o with { Available = o.AvailableToStay } : o)];

                // New pods become available one by one, at some time.
                if (current.Available < current.Desired && random.Next(3) > 0)
                {
                    current = current with { Available = current.Available + 1 };
                }
            }

            Assert.Fail($"The rollout stands still at {current} with {string.Join(", ", old)}.");
        }, iter: 2000);

    [Fact]
    public void OldSizes_WhileAStatusStillCountsPodsToBeGivenUp_KeepsWhatIsPromised()
    {
        // The old set wants 3 and its status still says 4; the new one has just got its second pod.
        var next = RollingUpdate.OldSizes(4, new RolloutBounds(1, 0), new ReplicaSetSize("new", 2, 2, 2), [new ReplicaSetSize("old", 3, 4, 4)]);
        Assert.Equal(2, next["old"]);
    }

    [Fact]
    public void ProportionalScaling_ForAnySizes_MeetsTheTotalAndShrinksNothingBelowZero() =>
        Gen.Select(Gen.Int[0, 40], Gen.Int[1, 15].List[1, 5]).Sample((allowed, sizes) =>
        {
            var sets = sizes.Select((size, i) => new ReplicaSetSize($"s{i}", size, size, size)).ToList();

            var result = ProportionalScaling.Sizes(allowed, sets);

            Assert.Equal(allowed, result.Values.Sum());
            Assert.All(result.Values, v => Assert.True(v >= 0));
            Assert.All(sets, s => Assert.True(allowed >= sizes.Sum() ? result[s.Name] >= s.Desired : result[s.Name] <= s.Desired));
        });

    [Fact]
    public void TemplateHash_DependsOnTheTemplateAndTheCollisionsOnly()
    {
        var template = new V1PodTemplateSpec
        {
            Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = "x", ["b"] = "y" } },
            Spec = new V1PodSpec { Containers = [new V1Container { Name = "main", Image = "one" }] },
        };
        var hash = PodTemplateHash.Of(template, 0);
        var labelled = PodTemplateHash.Labelled(template, hash);

        Assert.Matches("^[bcdfghjklmnpqrstvwxz2456789]{10}$", hash);
        Assert.Equal(hash, PodTemplateHash.Of(labelled, 0));
        Assert.True(PodTemplateHash.Same(template, labelled));
        Assert.NotEqual(hash, PodTemplateHash.Of(template, 1));
        Assert.False(PodTemplateHash.Same(template, template with { Spec = new V1PodSpec { Containers = [new V1Container { Name = "main", Image = "two" }] } }));
    }

    private static IEnumerable<int> Share(int total, List<int> weights)
    {
        var left = total;
        for (var i = 0; i < weights.Count; i++)
        {
            var part = i == weights.Count - 1 ? left : Math.Min(left, weights[i]);
            left -= part;
            yield return part;
        }
    }
}
