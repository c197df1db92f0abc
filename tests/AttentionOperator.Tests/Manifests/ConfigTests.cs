using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Serialization;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Validation;
using k8s.Models;

namespace AttentionOperator.Tests.Manifests;

/// <summary>The manifests under <c>config/</c>: what a cluster and the Sandbox get.</summary>
public sealed class ConfigTests
{
    [Fact]
    public void Every_resource_of_the_default_overlay_exists()
    {
        var kinds = Resources("default").Select(document => $"{document["kind"]} {document["metadata"]!["name"]}").ToList();
        Assert.Equal(kinds.Distinct(), kinds);
        Assert.Contains("CustomResourceDefinition attentionmodels.attentionoperator.io", kinds);
        Assert.Contains("Deployment attention-operator", kinds);
        Assert.Contains("Deployment attention-gateway", kinds);
        Assert.Contains("Service attention-gateway", kinds);
        Assert.Contains("Namespace attention-system", kinds);
    }

    [Fact]
    public void Samples_are_valid()
    {
        var samples = Resources("samples").Select(document => document.Deserialize<AttentionModel>(KubernetesJsonOptions.Instance)!).ToList();
        Assert.Equal(["chat", "embed"], samples.Select(sample => sample.Metadata.Name));
        Assert.All(samples, sample => Assert.Empty(AttentionModelValidator.Validate(sample, new ValidationOptions())));
    }

    [Fact]
    public void Pods_meet_the_restricted_profile()
    {
        var deployments = Resources("default").Where(document => (string)document["kind"]! == "Deployment").Select(document => document.Deserialize<V1Deployment>(KubernetesJsonOptions.Instance)!).ToList();
        Assert.Equal(2, deployments.Count);
        Assert.All(deployments, deployment => RestrictedProfile.Check(deployment.Spec.Template.Spec));
    }

    [Fact]
    public void Roles_grant_no_wildcards_and_secrets_only_by_name()
    {
        var roles = Resources("default").Where(document => (string)document["kind"]! is "ClusterRole" or "Role").ToList();
        Assert.NotEmpty(roles);
        foreach (var (role, rule) in roles.SelectMany(role => role["rules"]!.AsArray(), (role, rule) => (role, rule)))
        {
            var granted = (string[])[.. Strings(rule!["resources"]), .. Strings(rule["verbs"]), .. Strings(rule["apiGroups"])];
            Assert.DoesNotContain("*", granted);
            if (granted.Contains("secrets") && (string)role["metadata"]!["name"]! == "attention-operator-certificates")
            {
                // The operator's own certificate, in its own namespace; create knows no names.
                Assert.Equal("Role", (string)role["kind"]!);
                Assert.True(rule["resourceNames"] is not null || Strings(rule["verbs"]).SequenceEqual(["create"]));
            }
            else if (granted.Contains("secrets"))
            {
                // Secrets are made, and else only those that the product made itself are read or changed, by name.
                Assert.True(rule["resourceNames"] is not null || Strings(rule["verbs"]).SequenceEqual(["create"]), $"{role["metadata"]!["name"]}: {rule.ToJsonString()}");
            }
        }
    }

    [Fact]
    public void Bindings_name_roles_and_accounts_that_exist()
    {
        var all = Resources("default").ToList();
        var names = all.Select(document => $"{document["kind"]}/{document["metadata"]!["name"]}").ToHashSet(StringComparer.Ordinal);
        foreach (var binding in all.Where(document => ((string)document["kind"]!).EndsWith("RoleBinding", StringComparison.Ordinal)))
        {
            // Two roles are the cluster's own.
            Assert.Contains($"{binding["roleRef"]!["kind"]}/{binding["roleRef"]!["name"]}", (HashSet<string>)[.. names, "ClusterRole/system:auth-delegator", "Role/extension-apiserver-authentication-reader"]);
            Assert.All(binding["subjects"]!.AsArray(), subject => Assert.Contains($"{subject!["kind"]}/{subject["name"]}", names));
        }
    }

    private static IEnumerable<string> Strings(JsonNode? list) => list!.AsArray().Select(item => item!.GetValue<string>());

    private static IEnumerable<JsonNode> Resources(string overlay, [CallerFilePath] string file = "") =>
        Read(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", "..", "config", overlay)));

    private static IEnumerable<JsonNode> Read(string directory)
    {
        foreach (var resource in Strings(YamlDocuments.Parse(File.ReadAllText(Path.Combine(directory, "kustomization.yaml")))[0]["resources"]))
        {
            var path = Path.GetFullPath(Path.Combine(directory, resource));
            foreach (var document in Directory.Exists(path) ? Read(path) : YamlDocuments.Parse(File.ReadAllText(path)))
            {
                yield return document;
            }
        }
    }
}
