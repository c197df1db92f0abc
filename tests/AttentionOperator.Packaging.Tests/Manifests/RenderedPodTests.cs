using AttentionOperator.Api.Serialization;

namespace AttentionOperator.Packaging.Tests.Manifests;

/// <summary>The pods of models, as the planner's reviewed output has them: whatever kind makes them, with all their containers.</summary>
public sealed class RenderedPodTests
{
    [Fact]
    public void Pods_that_the_operator_makes_meet_the_restricted_profile_and_carry_no_token()
    {
        var root = Repository.PathOf("tests", "AttentionOperator.Tests", "testassets");
        var pods = Directory.EnumerateFiles(root, "*.yaml", SearchOption.AllDirectories)
            // Image volumes are younger than the profile, whose list of volumes leaves them out: docs/security.md says so beside the claim.
            .Where(file => file.Contains("/expected/", StringComparison.Ordinal) && !file.Contains("/fetch-oci/", StringComparison.Ordinal))
            .SelectMany(file => Pods.In(YamlDocuments.Parse(File.ReadAllText(file)).Where(document => document["kind"] is not null)).Select(pod => (File: Path.GetRelativePath(root, file), pod.Spec)))
            .ToList();
        Assert.True(pods.Count >= 10, "the planner's golden output was not found");
        Assert.All(pods, pod =>
        {
            Assert.True(RestrictedProfile.Violations(pod.Spec) is [], $"{pod.File}: {string.Join("; ", RestrictedProfile.Violations(pod.Spec))}");
            Assert.False((bool)pod.Spec["automountServiceAccountToken"]!, pod.File);
        });
    }
}
