using AttentionOperator.Api.Policies;
using CsCheck;

namespace AttentionOperator.Api.Tests.Policies;

public sealed class CeilingAllocationTests
{
    private static readonly NamedPolicy Eight = PolicyCheckerTests.Policy("ClusterAttentionPolicy gpus", """{"ceilings": {"accelerators": [{"name": "nvidia.com/gpu", "count": 8}]}}""");

    private static readonly Gen<ModelDemand[]> Demands = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 3], Gen.Int[0, 4], Gen.Int[0, 4], Gen.Int[0, 100], Gen.Int[0, 2])
        .Array[0, 8]
        .Select(models => models.Select((model, i) => new ModelDemand
        {
            Name = $"m{i}",
            CreatedAt = DateTime.UnixEpoch.AddMinutes(model.Item5),
            Wanted = model.Item1,
            Surge = model.Item2,
            Held = Math.Min(model.Item1 + model.Item2, model.Item4),
            Accelerator = model.Item6 == 0 ? null : "nvidia.com/gpu",
            AcceleratorsPerReplica = model.Item3,
            CostPerReplicaHour = model.Item6 == 1 ? null : model.Item5 / 10m,
        }).ToArray());

    [Fact]
    public void Grants_keep_within_ceilings_take_nothing_that_runs_and_leave_no_room_unused()
    {
        var costs = PolicyCheckerTests.Policy("AttentionPolicy cost", """{"ceilings": {"costPerHour": "40"}}""");
        Demands.Sample(demands =>
        {
            var grants = CeilingAllocation.Of("demo", demands, [Eight, costs]);
            decimal Used(Func<ModelDemand, decimal> each, Func<ModelDemand, int> replicas) => demands.Sum(model => each(model) * replicas(model));
            foreach (var (each, most) in ((Func<ModelDemand, decimal>, decimal)[])
                [(model => model.Accelerator is null ? 0 : model.AcceleratorsPerReplica, 8), (model => model.CostPerReplicaHour ?? 0, 40)])
            {
                var held = Used(each, model => model.Held);
                var granted = Used(each, model => Math.Max(model.Held, grants[model.Name].Replicas + grants[model.Name].Surge));
                Assert.True(granted <= Math.Max(held, most), $"{granted} of {most}, {held} held");
            }

            foreach (var model in demands)
            {
                var grant = grants[model.Name];
                Assert.InRange(grant.Replicas, Math.Min(model.Held, model.Wanted), model.Wanted);
                Assert.InRange(grant.Surge, 0, model.Surge);
                Assert.Equal(grant.Replicas < model.Wanted, grant.Limit is not null);
            }

            Assert.Equal(grants, CeilingAllocation.Of("demo", demands.Reverse(), [Eight, costs]));
        });
    }

    [Fact]
    public void Without_ceilings_everything_is_granted() => Demands.Sample(demands =>
        Assert.All(demands, model => Assert.Equal(new ModelGrant(model.Wanted, model.Surge, null), CeilingAllocation.Of("demo", demands, [])[model.Name])));

    [Fact]
    public void The_limit_is_told_with_its_numbers()
    {
        ModelDemand Model(string name, int wanted, int held, int minute) => new()
        {
            Name = name, Wanted = wanted, Held = held, CreatedAt = DateTime.UnixEpoch.AddMinutes(minute), Accelerator = "nvidia.com/gpu", AcceleratorsPerReplica = 2,
        };
        var grants = CeilingAllocation.Of("demo", [Model("young", 3, 0, 2), Model("old", 3, 2, 1)], [Eight]);
        Assert.Equal(new ModelGrant(3, 0, null), grants["old"]);
        Assert.Equal(1, grants["young"].Replicas);
        Assert.Equal("1 of 3 replicas fit: namespace demo may use 8 nvidia.com/gpu by ClusterAttentionPolicy gpus, and 8 are in use or promised", grants["young"].Limit);
    }

    [Fact]
    public void Status_shows_use_against_the_ceiling()
    {
        var spec = PolicyCheckerTests.Policy("x", """{"ceilings": {"accelerators": [{"name": "nvidia.com/gpu", "count": 8}], "costPerHour": "20"}}""").Spec;
        ModelDemand[] models =
        [
            new() { Name = "a", Wanted = 3, Held = 2, Accelerator = "nvidia.com/gpu", AcceleratorsPerReplica = 2, CostPerReplicaHour = 4.5m },
            new() { Name = "b", Wanted = 1, Held = 1 },
        ];
        var status = PolicyStatusBuilder.Build(spec, 7, new Dictionary<string, (IReadOnlyList<ModelDemand>, IReadOnlyCollection<string>)> { ["demo"] = (models, ["a"]), ["empty"] = ([], []) });
        Assert.Equal((7L, 2, 1), (status.ObservedGeneration, status.Models, status.Violations));
        var usage = Assert.Single(status.Namespaces!);
        Assert.Equal(("demo", 2, "9", "20"), (usage.Namespace, usage.Models, usage.CostPerHour, usage.CostCeiling));
        var gpus = Assert.Single(usage.Accelerators!);
        Assert.Equal(("nvidia.com/gpu", 4, 6, 8), (gpus.Name, gpus.Used, gpus.Wanted, gpus.Ceiling));
        Assert.Equal(["a"], usage.Limited);
    }
}
