using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Gateway.Routing;
using AttentionOperator.Kube.Objects;
using k8s.Models;

namespace AttentionOperator.Gateway.Tests.Routing;

public sealed class RoutingTableSourceTests
{
    private readonly RoutingTableSource _source = new("home");

    [Fact]
    public void Weights_ArePlacedExactly()
    {
        Apply("home", "chat", [("a", 95), ("b", 5)], [("a", "10.0.0.1", true), ("b", "10.0.0.2", true)]);
        var route = Find("chat");
        var placed = Enumerable.Range(0, 200).GroupBy(_ => route.Choose(null, null)!.Revision).ToDictionary(g => g.Key, g => g.Count());
        Assert.Equal((190, 10), (placed["a"], placed["b"]));
    }

    [Fact]
    public void ARevisionThatIsNotReady_GetsNothing_AndTheOthersServe()
    {
        Apply("home", "chat", [("a", 50), ("b", 50)], [("a", "10.0.0.1", true), ("b", "10.0.0.2", false)]);
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Equal("a", Find("chat").Choose(null, null)!.Revision));
    }

    [Fact]
    public void NothingReady_IsNoRevision()
    {
        Apply("home", "chat", [("a", 100)], [("a", "10.0.0.1", false)]);
        Assert.Null(Find("chat").Choose(null, null));
    }

    [Fact]
    public void ARevisionWithoutTraffic_IsReachedByName_Only()
    {
        Apply("home", "chat", [("a", 100)], [("a", "10.0.0.1", true), ("preview", "10.0.0.2", true)]);
        Assert.Equal("10.0.0.2", Find("chat").Choose("preview", null)!.Endpoints[0].Address);
        Assert.Null(Find("chat").Choose("unknown", null));
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Equal("a", Find("chat").Choose(null, null)!.Revision));
    }

    [Fact]
    public void StickyCallers_Stay_AndMoveOneWayWhileACanaryGrows()
    {
        var keys = Enumerable.Range(0, 1000).Select(i => $"user-{i}").ToList();
        HashSet<string> onCanary = [];
        foreach (var weight in new[] { 5, 25, 50, 100 })
        {
            Apply("home", "chat", [("a", 100 - weight), ("b", weight)], [("a", "10.0.0.1", true), ("b", "10.0.0.2", true)]);
            var now = keys.Where(k => Find("chat").Choose(null, k)!.Revision == "b").ToHashSet();
            Assert.Superset(onCanary, now);
            Assert.InRange(now.Count, (weight * 10) - 60, (weight * 10) + 60);
            onCanary = now;
        }
    }

    [Fact]
    public void AnEndpoint_KeepsItsIdentity_OverRebuilds()
    {
        Apply("home", "chat", [("a", 100)], [("a", "10.0.0.1", true)]);
        var before = Find("chat").Revisions[0].Endpoints[0];
        Apply("home", "chat", [("a", 100)], [("a", "10.0.0.1", true), ("a", "10.0.0.2", true)]);
        Assert.Same(before, Find("chat").Revisions[0].Endpoints[0]);
    }

    [Fact]
    public void NamesOfSeveralNamespaces_PreferHome_AndAreElseRefused()
    {
        Apply("x", "chat", [("a", 100)], []);
        Apply("y", "chat", [("a", 100)], []);
        var lookup = _source.Table.Find("chat");
        Assert.Null(lookup.Route);
        Assert.Equal(["x/chat", "y/chat"], lookup.Ambiguous);
        Assert.Equal("y", Find("y/chat").Namespace);
        Apply("home", "chat", [("a", 100)], []);
        Assert.Equal("home", Find("chat").Namespace);
    }

    [Fact]
    public void AnAlias_Routes_AndNeverHidesAModelOfThatName()
    {
        Apply("home", "chat", [("a", 100)], [], aliases: ["gpt", "other"]);
        Apply("home", "other", [("a", 100)], []);
        Assert.Equal("chat", Find("gpt").Name);
        Assert.Equal("other", Find("other").Name);
    }

    [Fact]
    public void AnAliasThatIsTaken_ComesBack_WhenItsNameIsFree()
    {
        Apply("x", "a", [("r", 100)], [], aliases: ["gpt"]);
        Apply("y", "b", [("r", 100)], [], aliases: ["gpt"]);
        Assert.Equal(["x/a", "y/b"], _source.Table.Find("gpt").Ambiguous);
        Apply("y", "b", [("r", 100)], []);
        Assert.Equal("a", Find("gpt").Name);
        _source.Apply(new ObjectKey("x", "a"), () => null, () => []);
        Assert.Null(_source.Table.Find("gpt").Route);
    }

    [Fact]
    public void PodsThatComeAndGo_DoNotBendTheSplit()
    {
        Dictionary<string, int> placed = [];
        for (var i = 0; i < 100; i++)
        {
            Apply("home", "chat", [("a", 95), ("b", 5)], [("a", $"10.0.0.{i + 2}", true), ("b", "10.0.0.1", true)]);
            var revision = Find("chat").Choose(null, null)!.Revision;
            placed[revision] = placed.GetValueOrDefault(revision) + 1;
        }

        Assert.Equal((95, 5), (placed["a"], placed["b"]));
    }

    [Fact]
    public void AChange_CostsWhatItsModelCosts_HoweverManyOthersThereAre()
    {
        var early = Allocated(0, 100);
        for (var i = 100; i < 9_900; i++) Apply("home", $"m{i}", [("a", 100)], [("a", $"10.1.{i / 250}.{i % 250}", true)]);
        var late = Allocated(9_900, 10_000);
        Assert.Equal(10_000, _source.Table.Routes.Count());
        // The tables' own growth comes in steps; a rebuild of 10,000 routes would be a thousandfold.
        Assert.InRange(late, 0, early * 10);

        long Allocated(int from, int to)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = from; i < to; i++) Apply("home", $"m{i}", [("a", 100)], [("a", $"10.1.{i / 250}.{i % 250}", true)]);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void ADeletedModel_IsGone()
    {
        Apply("home", "chat", [("a", 100)], []);
        _source.Apply(new ObjectKey("home", "chat"), () => null, () => []);
        Assert.Null(_source.Table.Find("chat").Route);
    }

    private ModelRoute Find(string name) => _source.Table.Find(name).Route!;

    private void Apply(string ns, string name, (string Revision, int Weight)[] traffic, (string Revision, string Address, bool Ready)[] pods, string[]? aliases = null)
    {
        var model = new AttentionModel
        {
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = ns },
            Spec = new AttentionModelSpec { Traffic = aliases is null ? null : new TrafficSpec { Aliases = aliases } },
            Status = new AttentionModelStatus { Traffic = [.. traffic.Select(t => new TrafficTarget { Revision = t.Revision, Weight = t.Weight })] },
        };
        var slices = pods.GroupBy(p => p.Revision).Select(g => new V1EndpointSlice
        {
            Metadata = new V1ObjectMeta { NamespaceProperty = ns, Labels = new Dictionary<string, string> { [LabelNames.Model] = name, [LabelNames.Revision] = g.Key } },
            AddressType = "IPv4",
            Ports = [new Discoveryv1EndpointPort { Name = PortNames.Http, Port = 8000 }],
            Endpoints = [.. g.Select(p => new V1Endpoint { Addresses = [p.Address], Conditions = new V1EndpointConditions { Ready = p.Ready } })],
        }).ToList();
        _source.Apply(new ObjectKey(ns, name), () => model, () => slices);
    }
}
