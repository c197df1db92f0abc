using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Kube.Apply;
using CsCheck;

namespace AttentionOperator.Kube.Tests.Apply;

public sealed class ApplyDiffPropertyTests
{
    private static readonly string[] Names = ["a", "b", "c", "d"];

    private static readonly Gen<JsonNode> Leaf = Gen.OneOf(
        Gen.Int[0, 3].Select(i => (JsonNode)JsonValue.Create(i)),
        Gen.OneOf("x", "y").Select(s => (JsonNode)JsonValue.Create(s)!),
        Gen.Bool.Select(b => (JsonNode)JsonValue.Create(b)));

    private static readonly Gen<JsonObject> Documents = Object(3).Select(spec => new JsonObject { ["spec"] = spec.DeepClone() });

    [Fact]
    public void WhatIsAppliedTwice_ChangesNothing() =>
        Documents.Sample(document => Assert.True(ApplyDiff.IsNoOp(Element(document), Element(document))));

    [Fact]
    public void FieldsOfOthers_NeverMatter() =>
        Gen.Select(Documents, Documents).Sample((ours, theirs) =>
        {
            var live = (JsonObject)theirs.DeepClone();
            Overlay(live, ours);
            Assert.True(ApplyDiff.IsNoOp(Element(ours), Element(live)), $"{ours} on {live}");
        });

    [Fact]
    public void AnyChangedLeaf_IsFound() =>
        Gen.Select(Documents, Gen.Int[0, 1000]).Sample((document, pick) =>
        {
            var changed = (JsonObject)document.DeepClone();
            List<(JsonObject Parent, string Name)> leaves = [.. Leaves(changed)];
            if (leaves.Count == 0)
            {
                return;
            }

            (JsonObject parent, string name) = leaves[pick % leaves.Count];
            parent[name] = "changed";
            Assert.False(ApplyDiff.IsNoOp(Element(document), Element(changed)));
            Assert.False(ApplyDiff.IsNoOp(Element(changed), Element(document)));
        });

    [Fact]
    public void OwnedFieldsOfADocument_AreAllStatedByIt_AndNotWithoutAnyOfThem() =>
        Gen.Select(Documents, Gen.Int[0, 1000]).Sample((document, pick) =>
        {
            JsonElement owned = Element(FieldsOf(document));
            Assert.Null(OwnedFields.FirstUnstated(owned, Element(document)));
            var smaller = (JsonObject)document.DeepClone();
            List<(JsonObject Parent, string Name)> leaves = [.. Leaves(smaller)];
            if (leaves.Count > 0)
            {
                (JsonObject parent, string name) = leaves[pick % leaves.Count];
                parent.Remove(name);
                Assert.NotNull(OwnedFields.FirstUnstated(owned, Element(smaller)));
            }
        });

    private static Gen<JsonObject> Object(int depth) =>
        Gen.Select(Gen.OneOf(Names), depth == 0 ? Leaf : Gen.Frequency((2, Leaf), (1, Object(depth - 1).Select(o => (JsonNode)o)))).List[1, 4]
            .Select(properties =>
            {
                var result = new JsonObject();
                foreach ((string name, JsonNode value) in properties)
                {
                    result[name] = value.DeepClone();
                }

                return result;
            });

    private static void Overlay(JsonObject into, JsonObject from)
    {
        foreach ((string name, JsonNode? value) in from)
        {
            if (value is JsonObject child && into[name] is JsonObject target)
            {
                Overlay(target, child);
            }
            else
            {
                into[name] = value!.DeepClone();
            }
        }
    }

    private static IEnumerable<(JsonObject Parent, string Name)> Leaves(JsonObject node) =>
        node.ToList().SelectMany(p => p.Value is JsonObject child ? Leaves(child) : [(node, p.Key)]);

    private static JsonObject FieldsOf(JsonObject node)
    {
        var fields = new JsonObject();
        foreach ((string name, JsonNode? value) in node)
        {
            fields[$"f:{name}"] = value is JsonObject child ? FieldsOf(child) : new JsonObject();
        }

        return fields;
    }

    private static JsonElement Element(JsonNode node) => JsonDocument.Parse(node.ToJsonString()).RootElement;
}
