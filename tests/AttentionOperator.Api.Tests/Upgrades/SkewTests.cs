using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.Serialization;
using AttentionOperator.Api.Sli;

namespace AttentionOperator.Api.Tests.Upgrades;

/// <summary>Operator, gateway and runtime of one release apart: what one wrote the other reads, in both directions.</summary>
public sealed class SkewTests
{
    public static TheoryData<string> All => Releases.All();

    [Theory]
    [MemberData(nameof(All))]
    public void The_operator_reads_all_that_a_former_gateway_counts(string release)
    {
        var text = Releases.Read(release, "slis.json");
        // What this release counts besides is at its default then.
        AssertKept(JsonNode.Parse(text)!, JsonSerializer.SerializeToNode(JsonSerializer.Deserialize<SliSnapshot>(text, JsonSerializerOptions.Web), JsonSerializerOptions.Web)!, "");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_former_operator_finds_all_that_it_knows_in_what_a_gateway_counts(string release)
    {
        var now = JsonSerializer.SerializeToNode(
            new SliSnapshot
            {
                Instance = "i",
                StartedAt = DateTimeOffset.UnixEpoch,
                Models = [new ModelSli { Namespace = "a", Name = "b", Revisions = [new RevisionSli { Revision = "r", Objectives = [new ObjectiveSli { Name = "o", Definition = "d" }] }] }],
            },
            JsonSerializerOptions.Web)!;
        AssertHasMembers(JsonNode.Parse(Releases.Read(release, "slis.json"))!, now, "");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_runtime_reads_what_a_former_operator_told_it(string release)
    {
        var text = Releases.Read(release, "runtime.json");
        AssertSame(JsonNode.Parse(text)!, JsonSerializer.SerializeToNode(JsonSerializer.Deserialize<RuntimeConfiguration>(text, KubernetesJsonOptions.Instance), KubernetesJsonOptions.Instance)!, "");
    }

    /// <summary>A runtime refuses members that it does not know, so an operator must not tell a former one anything new for a spec that asks for nothing new.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void A_former_runtime_knows_all_that_an_operator_tells_it_for_the_same_spec(string release)
    {
        var now = JsonSerializer.SerializeToNode(RuntimeConfigurationBuilder.Build("demo", "chat", "xqtvxwbq", RevisionSnapshot.Of(Models.Minimal, "image")), KubernetesJsonOptions.Instance)!;
        AssertSame(JsonNode.Parse(Releases.Read(release, "runtime.json"))!, now, "");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_operator_understands_why_a_former_runtime_ended(string release)
    {
        var text = Releases.Read(release, "termination.json").Trim();
        Assert.Equal(StartFailureReason.ModelDigestMismatch, TerminationMessage.Parse(text)!.Reason);
        Assert.Contains("\"reason\":", TerminationMessage.Parse(text)!.ToLine(), StringComparison.Ordinal);
        Assert.Null(TerminationMessage.Parse("""{"reason":"AReasonOfTheNextRelease","message":"m"}"""));
    }

    private static void AssertSame(JsonNode recorded, JsonNode now, string path)
    {
        AssertHasMembers(now, recorded, path);
        AssertKept(recorded, now, path);
    }

    private static void AssertKept(JsonNode recorded, JsonNode now, string path)
    {
        AssertHasMembers(recorded, now, path);
        if (recorded is JsonObject members)
        {
            foreach (var (name, value) in members)
            {
                AssertKept(value!, now[name]!, $"{path}.{name}");
            }
        }
        else if (recorded is JsonArray items)
        {
            for (var index = 0; index < items.Count; index++)
            {
                AssertKept(items[index]!, now[index]!, $"{path}[{index}]");
            }
        }
        else
        {
            Assert.True(JsonNode.DeepEquals(recorded, now), $"{path}: {recorded.ToJsonString()} became {now.ToJsonString()}");
        }
    }

    private static void AssertHasMembers(JsonNode expected, JsonNode actual, string path)
    {
        Assert.True(expected.GetValueKind() == actual.GetValueKind(), $"{path}: {expected.GetValueKind()} became {actual.GetValueKind()}");
        if (expected is JsonObject members)
        {
            foreach (var (name, value) in members)
            {
                Assert.True(actual[name] is not null, $"{path}.{name} is not there");
                AssertHasMembers(value!, actual[name]!, $"{path}.{name}");
            }
        }
        else if (expected is JsonArray { Count: > 0 } items)
        {
            AssertHasMembers(items[0]!, actual[0]!, path + "[0]");
        }
    }
}
