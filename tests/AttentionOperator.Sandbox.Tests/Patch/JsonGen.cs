using System.Text.Json.Nodes;
using CsCheck;

namespace AttentionOperator.Sandbox.Tests.Patch;

/// <summary>Small random JSON over few names, so that documents and patches meet.</summary>
internal static class JsonGen
{
    private static readonly Gen<string> Name = OneOf("a", "b", "c", "x/y", "t~d");

    public static Gen<JsonNode?> Value(int depth) => depth == 0
        ? Scalar
        : Gen.Frequency((3, Scalar), (2, Members(depth - 1).Select(o => (JsonNode?)o)), (1, Gen.Int[0, 3].SelectMany(n => Value(depth - 1).Array[n]).Select(items => (JsonNode?)new JsonArray([.. items.Select(i => i?.DeepClone())]))));

    public static Gen<JsonObject> Object { get; } = Members(2);

    public static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static Gen<JsonNode?> Scalar => Gen.Int[-1, 4].Select(n => n switch { -1 => null, 3 => JsonValue.Create("t"), 4 => JsonValue.Create(true), _ => (JsonNode?)JsonValue.Create(n) });

    private static Gen<JsonObject> Members(int depth) => Gen.Select(Name, Value(depth)).Array[0, 4].Select(members =>
    {
        var obj = new JsonObject();
        foreach (var (name, value) in members) obj[name] = value?.DeepClone();
        return obj;
    });
}
