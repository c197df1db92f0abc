using System.Text;
using k8s.Models;

namespace AttentionOperator.Sandbox.Tests.NodeAgent;

public sealed class PodEnvironmentTests
{
    [Fact]
    public async Task Environment_ResolvesAllSources()
    {
        await using var harness = new PodHarness();
        harness.Objects.ConfigMaps["settings"] = new V1ConfigMap { Data = new Dictionary<string, string> { ["LEVEL"] = "high", ["COLOUR"] = "red" } };
        harness.Objects.Secrets["keys"] = new V1Secret { Data = new Dictionary<string, byte[]> { ["token"] = Encoding.UTF8.GetBytes("secret!") } };
        var worker = harness.Start(PodHarness.Pod(
            """
            restartPolicy: Never
            containers:
            - name: main
              image: busybox
              command: [sh, -c, 'env | sort; echo "arg $0"', '$(LEVEL)-$(NAME)']
              envFrom: [{ configMapRef: { name: settings }, prefix: '' }]
              resources: { requests: { memory: 64Mi }, limits: { cpu: 1500m } }
              env:
              - { name: COLOUR, value: blue }
              - { name: NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
              - { name: TIER, valueFrom: { fieldRef: { fieldPath: "metadata.labels['tier']" } } }
              - { name: ADDRESS, valueFrom: { fieldRef: { fieldPath: status.podIP } } }
              - { name: ACCOUNT, valueFrom: { fieldRef: { fieldPath: spec.serviceAccountName } } }
              - { name: CPUS, valueFrom: { resourceFieldRef: { resource: limits.cpu } } }
              - { name: MEGABYTES, valueFrom: { resourceFieldRef: { resource: requests.memory, divisor: 1Mi } } }
              - { name: NODE_MEMORY, valueFrom: { resourceFieldRef: { resource: limits.memory, divisor: 1Gi } } }
              - { name: TOKEN, valueFrom: { secretKeyRef: { name: keys, key: token } } }
              - { name: ABSENT, valueFrom: { secretKeyRef: { name: keys, key: none, optional: true } } }
              - { name: COMPOSED, value: 'http://$(ADDRESS):80/$(COLOUR)' }
            """));

        await harness.Api.WaitAsync(s => s.Phase == "Succeeded");

        var lines = (await PodHarness.LogsAsync(worker, "main")).Split('\n');
        foreach (var expected in (string[])["LEVEL=high", "COLOUR=blue", "NAME=sample", "TIER=back", "ACCOUNT=runner", "CPUS=2", "MEGABYTES=64", "NODE_MEMORY=8", "TOKEN=secret!", "arg high-sample"])
        {
            Assert.Contains(expected, lines);
        }

        Assert.Contains(lines, l => l.StartsWith("COMPOSED=http://127.", StringComparison.Ordinal) && l.EndsWith(":80/blue", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.StartsWith("ABSENT", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Volumes_AreFilledAndTheirPathsReplaced()
    {
        var claim = Directory.CreateTempSubdirectory("claim-").FullName;
        await File.WriteAllTextAsync(Path.Combine(claim, "weights"), "w");
        await using var harness = new PodHarness(claims: new Dictionary<string, string> { ["models"] = claim });
        harness.Objects.ConfigMaps["settings"] = new V1ConfigMap { Data = new Dictionary<string, string> { ["runtime.json"] = "{}" } };
        var worker = harness.Start(PodHarness.Pod(
            """
            restartPolicy: Never
            volumes:
            - { name: config, configMap: { name: settings } }
            - { name: models, persistentVolumeClaim: { claimName: models } }
            - { name: info, downwardAPI: { items: [{ path: labels, fieldRef: { fieldPath: metadata.labels } }] } }
            - { name: token, projected: { sources: [{ serviceAccountToken: { path: token } }, { configMap: { name: settings, items: [{ key: runtime.json, path: sub/r.json }] } }] } }
            containers:
            - name: main
              image: busybox
              command: [cat]
              args: [/etc/attention/runtime.json, /models/weights, /info/labels, /var/run/token, /projected/sub/r.json]
              volumeMounts:
              - { name: config, mountPath: /etc/attention }
              - { name: models, mountPath: /models, readOnly: true }
              - { name: info, mountPath: /info }
              - { name: token, mountPath: /var/run/token, subPath: token }
              - { name: token, mountPath: /projected }
            """));

        await harness.Api.WaitAsync(s => s.Phase == "Succeeded");

        Assert.Equal("{}wapp=\"sample\"\ntier=\"back\"token-of-runner{}", (await PodHarness.LogsAsync(worker, "main")).TrimEnd('\n'));
        Directory.Delete(claim, recursive: true);
    }

    [Fact]
    public async Task ConfigMapVolume_FollowsItsConfigMap()
    {
        await using var harness = new PodHarness();
        harness.Objects.ConfigMaps["settings"] = new V1ConfigMap { Data = new Dictionary<string, string> { ["value"] = "old" } };
        var worker = harness.Start(PodHarness.Pod(
            """
            volumes: [{ name: config, configMap: { name: settings } }]
            containers:
            - name: main
              image: busybox
              command: [sh, -c, 'while :; do cat $0; echo; sleep 0.1; done', /config/value]
              volumeMounts: [{ name: config, mountPath: /config }]
            """));
        await PodWorkerTests.WaitForLineAsync(worker, "old");

        harness.Objects.ConfigMaps["settings"] = new V1ConfigMap { Data = new Dictionary<string, string> { ["value"] = "new" } };
        await worker.RefreshVolumesAsync(CancellationToken.None);

        await PodWorkerTests.WaitForLineAsync(worker, "new");
    }

    [Fact]
    public async Task MissingClaimDirectory_IsAFailedMountWithTheReason()
    {
        await using var harness = new PodHarness(claims: new Dictionary<string, string> { ["models"] = "/no/such/directory" });
        harness.Start(PodHarness.Pod(
            """
            volumes: [{ name: models, persistentVolumeClaim: { claimName: models } }]
            containers: [{ name: main, image: busybox, command: [sleep, '600'] }]
            """));

        await harness.Api.WaitAsync(s => s.Phase == "Pending");
        await harness.WaitForEventAsync("FailedMount");

        Assert.Contains(harness.Api.Events, e => e.Reason == "FailedMount" && e.Message.Contains("/no/such/directory", StringComparison.Ordinal));
    }
}
