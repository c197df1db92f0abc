using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using AttentionOperator.Api.Policies;
using AttentionOperator.Api.Serialization;
using AttentionOperator.Api.Sli;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Children;
using AttentionOperator.Fleet;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Nodes;
using AttentionOperator.Observation;
using AttentionOperator.Reconciliation;
using AttentionOperator.Rollouts;
using AttentionOperator.Slo;
using k8s;
using k8s.Models;

namespace AttentionOperator.Tests.Reconciliation;

/// <summary>
/// Each folder of <c>testassets</c> is a model with what is observed of it, and the plan that follows. <c>UPDATE_GOLDEN=1</c> writes
/// what is planned now; review the difference before committing it.
/// </summary>
public sealed class PlannerGoldenTests
{
    private static readonly bool Update = Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1";
    private static readonly JsonSerializerOptions Indented = new(KubeJson.Options) { WriteIndented = true };
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Cases() => [.. Directory.GetDirectories(Assets()).Select(directory => Path.GetFileName(directory)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Plan_is_the_expected_one(string name)
    {
        var directory = Path.Combine(Assets(), name);
        var files = PlanOf(directory);
        var expected = Path.Combine(directory, "expected");
        if (Update)
        {
            if (Directory.Exists(expected))
            {
                Directory.Delete(expected, recursive: true);
            }

            Directory.CreateDirectory(expected);
            foreach (var (file, text) in files)
            {
                File.WriteAllText(Path.Combine(expected, file), text);
            }

            return;
        }

        Assert.True(Directory.Exists(expected), $"{expected} does not exist; run the tests with UPDATE_GOLDEN=1 and review what they write");
        Assert.Equal(Directory.GetFiles(expected).Select(Path.GetFileName).Order(StringComparer.Ordinal), files.Keys.Order(StringComparer.Ordinal));
        foreach (var (file, text) in files)
        {
            Assert.Equal(File.ReadAllText(Path.Combine(expected, file)), text);
        }
    }

    [Fact]
    public void There_are_cases() => Assert.NotEmpty(Cases());

    private static Dictionary<string, string> PlanOf(string directory)
    {
        var model = YamlDocuments.Read<AttentionModel>(File.ReadAllText(Path.Combine(directory, "model.yaml")));
        var observed = Path.Combine(directory, "observed");
        var objects = Directory.Exists(observed) ? Directory.GetFiles(observed).Order(StringComparer.Ordinal).SelectMany(file => ObservedFiles.Read(File.ReadAllText(file))).ToList() : [];
        var planner = new ModelPlanner(
            new PlannerOptions { RuntimeImage = "attention-runtime:0.1.0", GatewayUrl = "http://attention-gateway.attention-system.svc:8080/v1", NetworkPolicy = new NetworkPolicySettings { GatewayNamespace = "attention-system", OperatorNamespace = "attention-system" } },
            new StrategyRollouts());
        var observation = ObservationBuilder.Build(objects, podsTell: true) with { Policy = PolicyOf(model, directory), Departures = DeparturesOf(directory) };
        var plan = planner.Plan(model, observation, SlisOf(model, Path.Combine(directory, "slis.json")), Now);

        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var child in plan.Apply)
        {
            // The data of a ControllerRevision is JSON, which stays JSON.
            var name = $"{child.Kind.ToLowerInvariant()}-{child.Metadata.Name}";
            files.Add(
                child is V1ControllerRevision ? name + ".json" : name + ".yaml",
                child is V1ControllerRevision revision ? JsonSerializer.Serialize(revision, Indented) : KubernetesYaml.Serialize(child));
        }

        if (plan.Status is not null)
        {
            files.Add("status.yaml", KubernetesYaml.Serialize(plan.Status));
        }

        files.Add("plan.yaml", KubernetesYaml.Serialize(new
        {
            Apply = plan.Apply.Select(child => $"{child.Kind} {child.Metadata.Name}").ToList(),
            Delete = plan.Delete.Select(child => $"{child.Resource.Kind} {child.Key.Name}").ToList(),
            Events = plan.Events.Select(@event => $"{@event.Type} {@event.Reason}: {@event.Message}").ToList(),
            LookAgainAfter = plan.LookAgainAfter?.ToString("c", CultureInfo.InvariantCulture),
            plan.Terminal,
            PodCosts = plan.PodCosts.Count == 0 ? null : plan.PodCosts,
        }));
        return files.ToDictionary(file => file.Key, file => file.Value.TrimEnd() + "\n");
    }

    /// <summary>The policies beside the model, and what their ceilings leave it beside the other models of its namespace.</summary>
    private static PolicyObservation PolicyOf(AttentionModel model, string directory)
    {
        var policies = PolicySelection.For(model.Metadata.NamespaceProperty, null, Read<AttentionPolicy>(directory, "policy.yaml"), Read<ClusterAttentionPolicy>(directory, "clusterpolicy.yaml"));
        return new PolicyObservation(policies, !CeilingAllocation.Applies(policies) ? null : CeilingAllocation.Of(
            model.Metadata.NamespaceProperty, [ModelDemand.Of(model, policies), .. Read<AttentionModel>(directory, "others.yaml").Select(other => ModelDemand.Of(other, policies))], policies)[model.Metadata.Name]);
    }

    private static Dictionary<string, Departure> DeparturesOf(string directory) => Read<V1Node>(directory, "nodes.yaml")
        .Select(node => (node.Metadata.Name, Departure: NodeDiagnosis.Of(node)))
        .Where(node => node.Departure is not null)
        .ToDictionary(node => node.Name, node => node.Departure!, StringComparer.Ordinal);

    private static IEnumerable<T> Read<T>(string directory, string file) =>
        Path.Combine(directory, file) is var path && File.Exists(path)
            ? YamlDocuments.Parse(File.ReadAllText(path)).Select(document => document.Deserialize<T>(KubernetesJsonOptions.Instance)!)
            : [];

    private static SliObservation? SlisOf(AttentionModel model, string file)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        var snapshot = JsonSerializer.Deserialize<SliSnapshot>(File.ReadAllText(file), JsonSerializerOptions.Web)!;
        var found = snapshot.Models.Single(candidate => candidate.Namespace == model.Metadata.NamespaceProperty && candidate.Name == model.Metadata.Name);
        return new SliObservation([new GatewayCounters(snapshot.Instance, snapshot.StartedAt, found.Revisions)], true);
    }

    // Beside the source, so that an update changes what is committed.
    private static string Assets([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(file))!, "testassets");
}
