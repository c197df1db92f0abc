using System.Text;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Gateway.Forwarding;

namespace AttentionOperator.Gateway.Tests.Forwarding;

public sealed class InternalTokensTests
{
    [Fact]
    public void TheDerivation_NeverChanges()
    {
        // HMAC-SHA256("root", "attentionoperator.io/internal-token/v1/models"), computed with openssl.
        Assert.Equal("41f69294a392b2129258179860237a4a51a3de4a05901e2a0ec7a0fd163d481c", InternalTokenDerivation.Derive("root", "models"));
        Assert.NotEqual(InternalTokenDerivation.Derive("root", "models"), InternalTokenDerivation.Derive("root", "other"));
    }

    [Fact]
    public void TheSecret_IsFollowed_AndThePreviousRootIsStillSent()
    {
        var tokens = new InternalTokens(null);
        Assert.Null(tokens.HeaderFor("models"));
        tokens.Set(Data(("token", "new")));
        Assert.Equal(InternalTokenDerivation.Derive("new", "models"), tokens.HeaderFor("models"));
        tokens.Set(Data(("token", "new"), (EnvironmentNames.InternalPreviousKey, "old")));
        Assert.Equal($"{InternalTokenDerivation.Derive("new", "models")}, {InternalTokenDerivation.Derive("old", "models")}", tokens.HeaderFor("models"));
        tokens.Set(null);
        Assert.Null(tokens.HeaderFor("models"));
    }

    [Fact]
    public void TenantsHaveCacheNamespaces_ThatAreTheSameAtEveryGateway_AndNobodyElsesGuess()
    {
        var tokens = new InternalTokens("root");
        Assert.Equal(tokens.CacheNamespaceOf("ns/keys/a"), new InternalTokens("root").CacheNamespaceOf("ns/keys/a"));
        Assert.Equal(3, new[] { tokens.CacheNamespaceOf("ns/keys/a"), tokens.CacheNamespaceOf("ns/keys/b"), new InternalTokens("other").CacheNamespaceOf("ns/keys/a") }.Distinct().Count());
    }

    [Fact]
    public void AHeader_HoldsAToken_OnlyOfItsNamespace()
    {
        var tokens = new InternalTokens("root");
        Assert.True(tokens.Holds("models", $"x, {InternalTokenDerivation.Derive("root", "models")}"));
        Assert.False(tokens.Holds("models", InternalTokenDerivation.Derive("root", "other")));
        Assert.False(tokens.Holds("models", ""));
        Assert.False(new InternalTokens(null).Holds("models", ""));
    }

    private static Dictionary<string, byte[]> Data(params (string Name, string Value)[] entries) => entries.ToDictionary(e => e.Name, e => Encoding.UTF8.GetBytes(e.Value));
}
