using System.Text.Json;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Cli.Models;
using AttentionOperator.Cli.Fleet;
using AttentionOperator.Cli.Views;
using k8s.Models;

namespace AttentionOperator.Cli.Tests;

public sealed class ViewTests
{
    private static readonly DateTime Noon = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Why_prints_the_decision_the_numbers_and_the_way_on()
    {
        var model = Model();
        var text = Write(output => WhyView.Write(output, model));
        Assert.Contains("demo/chat: RolledBack (SloViolated)", text, StringComparison.Ordinal);
        Assert.Contains("revision bbb at 0 % of traffic, step 1 of 3; stable revision aaa", text, StringComparison.Ordinal);
        Assert.Matches(@"errors +99\.9% +0\.3% +40 +200 +20% +1 +4000 +0\.03%", text);
        Assert.Contains("rejected: bbb at 2026-03-01 12:00:00Z: SloViolated", text, StringComparison.Ordinal);
        Assert.Contains("kubectl attention retry chat", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Why_says_that_nothing_was_rolled_out()
    {
        var model = Model();
        model.Status = null;
        Assert.Equal("demo/chat: nothing was rolled out yet\n", Write(output => WhyView.Write(output, model)));
    }

    [Fact]
    public void History_is_newest_first_with_states()
    {
        var lines = Write(output => HistoryView.Write(output, Model(), [Revision("aaa", 1, "pvc://m/v1"), Revision("bbb", 2, "pvc://m/v2")])).Split('\n');
        Assert.Matches(@"^bbb +2 +target, rejected \(SloViolated\) +0% +- +2026-03-01 12:00:00Z +pvc://m/v2$", lines[1]);
        Assert.Matches(@"^aaa +1 +stable +100% +2/2 +2026-03-01 12:00:00Z +pvc://m/v1$", lines[2]);
    }

    [Fact]
    public void Diff_names_the_fields_that_differ_and_no_others()
    {
        var lines = Write(output => DiffView.Write(output, Revision("aaa", 1, "pvc://m/v1"), Revision("bbb", 2, "pvc://m/v2"))).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["--- aaa (number 1)", "+++ bbb (number 2)", "- model.uri: \"pvc://m/v1\"", "+ model.uri: \"pvc://m/v2\""], lines);
    }

    [Fact]
    public void Top_shows_every_model() =>
        Assert.Matches(@"chat +True +2/2 +aaa +bbb +RolledBack +0% +SloViolated", Write(output => TopView.Write(output, FleetReport.Of([Model()], _ => [], null, null), allNamespaces: false)));

    private static AttentionModel Model() => new()
    {
        Metadata = new V1ObjectMeta { Name = "chat", NamespaceProperty = "demo" },
        Spec = new AttentionModelSpec
        {
            Replicas = 2,
            Slo = new SloSpec { Objectives = [new ObjectiveSpec { Name = "errors", Type = ObjectiveType.Errors, Target = "99.9" }] },
        },
        Status = new AttentionModelStatus
        {
            StableRevision = "aaa",
            TargetRevision = "bbb",
            ReadyReplicas = 2,
            Conditions = [new V1Condition { Type = "Ready", Status = "True" }],
            Revisions = [new RevisionStatus { Hash = "aaa", Replicas = 2, ReadyReplicas = 2 }],
            Traffic = [new TrafficTarget { Revision = "aaa", Weight = 100 }],
            Rejected = [new RejectedRevision { Hash = "bbb", At = Noon, Reason = "SloViolated", Message = "errors: 40 of 200" }],
            Rollout = new RolloutStatus
            {
                Phase = RolloutPhase.RolledBack,
                Revision = "bbb",
                Weight = 0,
                Step = 0,
                StartedAt = Noon,
                StepStartedAt = Noon,
                Reason = "SloViolated",
                Message = "errors: 40 of 200",
                Evidence = new RolloutEvidence
                {
                    Since = Noon,
                    At = Noon,
                    Objectives = [new ObjectiveEvidence { Name = "errors", Good = 160, Bad = 40, StableGood = 3999, StableBad = 1 }],
                },
            },
        },
    };

    private static RevisionRecord Revision(string hash, long number, string uri) =>
        new(hash, number, Noon, JsonSerializer.SerializeToElement(new { model = new { uri }, limits = new { maxInputTokens = 5 } }));

    private static string Write(Action<TextWriter> write)
    {
        using var output = new StringWriter { NewLine = "\n" };
        write(output);
        return output.ToString();
    }
}
