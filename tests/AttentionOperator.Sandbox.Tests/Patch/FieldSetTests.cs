using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Patch;
using CsCheck;

namespace AttentionOperator.Sandbox.Tests.Patch;

public sealed class FieldSetTests
{
    private static readonly Gen<FieldSet> Sets = Gen.Select(JsonGen.OneOf("f:a", "f:b", "k:{\"name\":\"x\"}", "v:1"), JsonGen.OneOf("f:a", "f:b", "."), JsonGen.OneOf("f:c", "."))
        .Array[0, 6].Select(paths =>
        {
            var set = new FieldSet();
            foreach (var (first, second, third) in paths)
            {
                var node = set.Child(first);
                if (second != ".") node = node.Child(second);
                if (third != ".") node = node.Child(third);
                node.Owned = true;
            }

            return set;
        });

    [Fact]
    public void The_form_of_the_api_is_read_back_as_it_was() =>
        Sets.Sample(set => Assert.True(set.SameAs(FieldSet.FromJson(set.ToJson())), set.ToJson().ToJsonString()), iter: 500);

    [Fact]
    public void Sets_of_paths_obey_the_laws_of_sets() => Gen.Select(Sets, Sets).Sample((a, b) =>
    {
        var union = Combined(a, (u, s) => u.Add(s), b);
        var difference = Combined(a, (u, s) => u.Remove(s), b);
        var common = a.Intersect(b);
        Assert.Equal(a.Paths().Union(b.Paths()).Order(), union.Paths().Order());
        Assert.Equal(a.Paths().Except(b.Paths()).Order(), difference.Paths().Order());
        Assert.Equal(a.Paths().Intersect(b.Paths()).Order(), common.Paths().Order());
        Assert.Equal(!a.Paths().Except(b.Paths()).Any(), difference.IsEmpty);
        difference.Add(common);
        Assert.True(difference.SameAs(a));
    }, iter: 500);

    [Fact]
    public void Paths_look_as_in_conflicts()
    {
        var set = FieldSet.FromJson(JsonNode.Parse("""{"f:spec":{"f:ports":{".":{},"k:{\"port\":80,\"protocol\":\"TCP\"}":{"f:name":{}}},"f:finalizers":{"v:\"x\"":{}}}}""")!.AsObject());
        Assert.Equal([".spec.finalizers[=\"x\"]", ".spec.ports", ".spec.ports[port=80,protocol=\"TCP\"].name"], set.Paths().Order(StringComparer.Ordinal));
    }

    private static FieldSet Combined(FieldSet a, Action<FieldSet, FieldSet> operation, FieldSet b)
    {
        var copy = a.Clone();
        operation(copy, b);
        return copy;
    }
}
