using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using CsCheck;

namespace AttentionOperator.Kube.Tests.Objects;

public sealed class ObjectContentTests
{
    private const string Base = """
        {"apiVersion":"example.com/v1","kind":"Widget","metadata":{"annotations":{"example.com/ask":"a","other.io/note":"1"},"generation":1,"labels":{"app":"w"},"name":"w","namespace":"n","resourceVersion":"5","uid":"u"},"spec":{"size":1},"status":{"ready":true}}
        """;

    private static readonly Gen<(string Name, string Value)> Annotation = Gen.Select(Gen.OneOf("a.io/x", "b.io/y", "zz", "example.com"), Gen.OneOf("", "1", "{\"nested\":[1]}", "ünï\"code"));

    [Theory]
    [InlineData("\"resourceVersion\":\"5\"", "\"resourceVersion\":\"6\"")]
    [InlineData("\"other.io/note\":\"1\"", "\"other.io/note\":\"2\"")]
    [InlineData(",\"other.io/note\":\"1\"", "")]
    [InlineData("\"resourceVersion\":\"5\",", "")]
    public void WhatTheControllerDoesNotRead_IsTheSame(string text, string other) => Assert.True(AreSame(Base, Base.Replace(text, other, StringComparison.Ordinal)));

    [Theory]
    [InlineData("\"size\":1", "\"size\":2")]
    [InlineData("\"ready\":true", "\"ready\":false")]
    [InlineData("\"example.com/ask\":\"a\"", "\"example.com/ask\":\"b\"")]
    [InlineData("\"example.com/ask\":\"a\",", "")]
    [InlineData("\"example.com/ask\":\"a\"", "\"example.com\\/ask\":\"b\"")]
    [InlineData("\"generation\":1", "\"generation\":2")]
    [InlineData("\"app\":\"w\"", "\"app\":\"x\"")]
    [InlineData("\"uid\":\"u\"", "\"uid\":\"v\"")]
    [InlineData("\"uid\":\"u\"", "\"uid\":\"u\",\"deletionTimestamp\":\"2026-01-01T00:00:00Z\"")]
    [InlineData("\"uid\":\"u\"", "\"uid\":\"u\",\"finalizers\":[\"f\"]")]
    [InlineData(",\"status\":{\"ready\":true}", "")]
    [InlineData("\"status\"", "\"extra\":{},\"status\"")]
    public void WhatTheControllerReads_IsNotTheSame(string text, string other)
    {
        string changed = Base.Replace(text, other, StringComparison.Ordinal);
        Assert.NotEqual(Base, changed);
        Assert.False(AreSame(Base, changed));
        Assert.False(AreSame(changed, Base));
    }

    [Fact]
    public void AnyAnnotationsOfOthers_AreTheSame_AndAnyOfOursAreNot() =>
        Gen.Select(Annotation.Array[0, 4], Annotation.Array[0, 4], Gen.Bool).Sample((first, second, ours) =>
        {
            JsonObject left = With(first), right = With(second);
            if (ours)
            {
                ((right["metadata"]!["annotations"] ??= new JsonObject()) as JsonObject)!["example.com/more"] = "x";
            }

            Assert.Equal(!ours, AreSame(left.ToJsonString(), right.ToJsonString()));
        });

    private static JsonObject With((string Name, string Value)[] annotations)
    {
        var widget = (JsonObject)JsonNode.Parse(Base)!;
        var all = new JsonObject();
        foreach ((string name, string value) in annotations)
        {
            all[name] = value;
        }

        var metadata = (JsonObject)widget["metadata"]!;
        metadata.Remove("annotations");
        if (all.Count > 0)
        {
            metadata.Add("annotations", all);
        }

        return widget;
    }

    private static bool AreSame(string left, string right) => ObjectContent.AreSame(Decode(left), Decode(right), "example.com/"u8);

    private static KubeObject Decode(string json) => new KubeObjectCodec(new ResourceKind("example.com", "v1", "widgets", "Widget")).Decode(Encoding.UTF8.GetBytes(json));
}
