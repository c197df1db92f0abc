using System.Security.Cryptography;
using System.Text;
using AttentionOperator.Gateway.Admission;
using AttentionOperator.Gateway.Queueing;
using AttentionOperator.Kube.Objects;
using Microsoft.Extensions.Logging.Abstractions;

namespace AttentionOperator.Gateway.Tests.Admission;

public sealed class ApiKeyTests
{
    private static readonly string Hash = Convert.ToHexStringLower(SHA256.HashData("key"u8));

    [Fact]
    public void AllFields_AreRead()
    {
        var key = Parse($$"""{"sha256":"sha256:{{Hash}}","tenant":"t","models":["a","ns/b"],"class":"batch","requestsPerMinute":1,"tokensPerMinute":2,"concurrentRequests":3}""");
        Assert.Equal(("id", "t", RequestClass.Batch, new TenantLimits(1, 2, 3)), (key.Id, key.Tenant, key.Class, key.Limits));
        Assert.Equal([true, false, true, false], new[] { ("x", "a"), ("x", "b"), ("ns", "b"), ("ns", "c") }.Select(m => key.MayUse(new ObjectKey(m.Item1, m.Item2))));
    }

    [Theory]
    [InlineData("{}", "sha256")]
    [InlineData("x", "JSON")]
    [InlineData("""{"sha256":"abc"}""", "64 hexadecimal")]
    [InlineData("""{"sha256":"HASH","tokensPerMinutes":1}""", "tokensPerMinutes")]
    [InlineData("""{"sha256":"HASH","tokensPerMinute":0}""", "tokensPerMinute")]
    [InlineData("""{"sha256":"HASH","class":"Highest"}""", "class")]
    [InlineData("""{"sha256":"HASH","models":"a"}""", "models")]
    public void WhatCannotBeRead_IsNoKey_AndSaysWhy(string json, string says) =>
        Assert.Contains(says, Assert.Throws<FormatException>(() => Parse(json.Replace("HASH", Hash, StringComparison.Ordinal))).Message, StringComparison.Ordinal);

    [Fact]
    public void AnUnreadableEntry_DoesNotTakeTheOthersAway()
    {
        var store = new ApiKeyStore(new KeyAudit(NullLogger<KeyAudit>.Instance), NullLogger<ApiKeyStore>.Instance);
        var secret = new ObjectKey("ns", "keys");
        store.Set(secret, new Dictionary<string, byte[]> { ["bad"] = "x"u8.ToArray(), ["good"] = Encoding.UTF8.GetBytes($$"""{"sha256":"{{Hash}}"}""") });
        Assert.Equal("good", store.Get(secret)!.Find(SHA256.HashData("key"u8))!.Id);
        Assert.Null(store.Get(secret)!.Find(SHA256.HashData("kez"u8)));
        store.Set(secret, null);
        Assert.Null(store.Get(secret));
    }

    [Fact]
    public void ATenantsBounds_AreTheMostGenerousOfItsKeys()
    {
        var keys = new ApiKeySet([Key("a", "t", new TenantLimits(10, 20, null)), Key("b", "t", new TenantLimits(5, 30, 1)), Key("c", "u", new TenantLimits(1, 1, 1))]);
        Assert.Equal(new TenantLimits(10, 30, null), keys.LimitsOf("t"));
    }

    private static ApiKey Key(string id, string tenant, TenantLimits limits) => new(id, SHA256.HashData(Encoding.UTF8.GetBytes(id)), tenant, null, RequestClass.Standard, limits);

    private static ApiKey Parse(string json) => ApiKey.Parse("id", Encoding.UTF8.GetBytes(json));
}
