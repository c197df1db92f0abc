using AttentionOperator.Api.Serialization;
using AttentionOperator.Packaging.Tests.Rendering;

namespace AttentionOperator.Packaging.Tests.Manifests;

public sealed class RestrictedProfileTests
{
    private const string Good = """
        securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
        containers:
        - name: a
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
        volumes: [{name: v, emptyDir: {}}]
        """;

    [Theory]
    [InlineData("", "")]
    [InlineData("runAsUser: 1000", "runAsUser: 0")]
    [InlineData("runAsNonRoot: true", "runAsNonRoot: false")]
    [InlineData("RuntimeDefault", "Unconfined")]
    [InlineData("allowPrivilegeEscalation: false, ", "")]
    [InlineData("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false")]
    [InlineData("drop: [ALL]", "drop: [CHOWN]")]
    [InlineData("drop: [ALL]", "drop: [ALL], add: [SYS_ADMIN]")]
    [InlineData("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: false, privileged: true")]
    [InlineData("emptyDir: {}", "hostPath: {path: /}")]
    [InlineData("containers:", "hostNetwork: true\ncontainers:")]
    [InlineData("- name: a", "- name: a\n  ports: [{containerPort: 80, hostPort: 80}]")]
    public void The_checker_sees_each_violation(string part, string instead)
    {
        var violations = RestrictedProfile.Violations(YamlDocuments.Parse(part.Length == 0 ? Good : Good.Replace(part, instead, StringComparison.Ordinal))[0]);
        Assert.Equal(part.Length == 0 ? 0 : 1, violations.Count);
    }

    [Theory]
    [InlineData("minimal")]
    [InlineData("everything")]
    public async Task Pods_of_the_chart_meet_it(string values) => AssertRestricted(Pods.In(await Chart.ObjectsAsync("--values", Chart.Values(values))));

    [Theory]
    [InlineData("default")]
    [InlineData("production")]
    public async Task Pods_of_config_meet_it(string overlay) => AssertRestricted(Pods.In(await Chart.KustomizeAsync(overlay)));

    private static void AssertRestricted(IEnumerable<PodOfManifest> found)
    {
        var pods = found.ToList();
        Assert.Equal(2, pods.Count);
        Assert.All(pods, pod => Assert.Empty(RestrictedProfile.Violations(pod.Spec)));
    }
}
