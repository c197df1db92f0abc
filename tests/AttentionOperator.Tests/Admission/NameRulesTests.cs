using AttentionOperator.Admission;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Objects;
using k8s.Models;

namespace AttentionOperator.Tests.Admission;

public sealed class NameRulesTests
{
    private static readonly (AttentionModel Model, string[] Names)[] Fleet = [(Model("a", "chat", "gpt", "old"), ["chat", "gpt", "old"]), (Model("b", "mail"), ["mail"])];

    [Theory]
    [InlineData("a", "fresh", "new", "", "")]
    [InlineData("a", "fresh", "fresh", "spec.traffic.aliases[0]: 'fresh' is the model's own name", "")]
    [InlineData("a", "fresh", "gpt", "spec.traffic.aliases[0]: 'gpt' is an alias of AttentionModel a/chat", "")]
    [InlineData("a", "fresh", "chat", "spec.traffic.aliases[0]: 'chat' is the name of AttentionModel a/chat", "")]
    [InlineData("a", "gpt", null, "metadata.name: 'gpt' is an alias of AttentionModel a/chat", "")]
    [InlineData("b", "gpt", null, "", "metadata.name: AttentionModel a/chat answers to 'gpt' too")]
    [InlineData("b", "chat", null, "", "metadata.name: AttentionModel a/chat answers to 'chat' too")]
    [InlineData("b", "fresh", "gpt", "", "spec.traffic.aliases[0]: AttentionModel a/chat answers to 'gpt' too")]
    public void Clash_within_a_namespace_is_refused_and_over_namespaces_a_warning(string ns, string name, string? alias, string error, string warning)
    {
        var verdict = NameRules.Check(Model(ns, name, alias is null ? [] : [alias]), null, Find);
        Assert.StartsWith(error, string.Join(';', verdict.Errors), StringComparison.Ordinal);
        Assert.Equal(error.Length > 0, verdict.Errors.Count > 0);
        Assert.StartsWith(warning, string.Join(';', verdict.Warnings), StringComparison.Ordinal);
        Assert.Equal(warning.Length > 0, verdict.Warnings.Count > 0);
    }

    [Fact]
    public void What_a_model_has_already_is_not_judged_again()
    {
        var stored = Model("a", "other", "gpt");
        Assert.Empty(NameRules.Check(Model("a", "other", "gpt"), stored, Find).Errors);
        Assert.Equal("spec.traffic.aliases[1]", Assert.Single(NameRules.Check(Model("a", "other", "gpt", "old"), stored, Find).Errors).Field);
        Assert.Empty(NameRules.Check(Model("a", "chat", "gpt", "old"), Model("a", "chat"), Find).Errors);
    }

    private static IEnumerable<NamedModel> Find(string name) => Fleet.Where(entry => entry.Names.Contains(name))
        .Select(entry => new ObjectKey(entry.Model.Metadata.NamespaceProperty, entry.Model.Metadata.Name)).Select(key => new NamedModel(key, key.Name != name));

    private static AttentionModel Model(string ns, string name, params string[] aliases) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = ns },
        Spec = new AttentionModelSpec { Model = new ModelSource { Uri = "pvc://models/x" }, Traffic = new TrafficSpec { Aliases = aliases } },
    };
}
