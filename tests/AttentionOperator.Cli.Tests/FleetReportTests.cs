using AttentionOperator.Api.Policies;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Cli.Fleet;
using AttentionOperator.Cli.Views;
using k8s.Models;

namespace AttentionOperator.Cli.Tests;

public sealed class FleetReportTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Samples_are_read_with_escapes_and_without_comments()
    {
        var samples = MetricSample.Parse("# HELP a b\na 1\nb{x=\"1\",y=\"q\\\"\\\\,}\\n\"} 2.5e3 1700000000\nbroken{x=1} 2\n\nc{} NaN\n").ToList();
        Assert.Equal(["a", "b", "c"], samples.Select(sample => sample.Name));
        Assert.Equal(("1", "q\"\\,}\n", 2500d), (samples[1].Label("x"), samples[1].Label("y"), samples[1].Value));
    }

    [Fact]
    public void Rows_have_devices_queue_burn_and_costs()
    {
        var policy = new NamedPolicy("ClusterAttentionPolicy p", new AttentionPolicySpec { Prices = [new AcceleratorPrice { Name = "nvidia.com/gpu", PerHour = "3" }] });
        var before = Sample(0, good: 100, bad: 0, tokens: 1000, queue: 5);
        var after = Sample(60, good: 190, bad: 10, tokens: 31_000, queue: 2);
        var row = Assert.Single(FleetReport.Of([Model()], _ => [policy], before, after));
        Assert.Equal((2, 4, 2, 12m), (row.Held, row.Accelerators, row.Queue, row.CostPerHour));
        // 10 of 100 are bad in between, and 5 % may be.
        Assert.Equal(2.0, row.Burn!.Value, 6);
        // 30,000 tokens a minute are 1.8 million an hour.
        Assert.Equal(6.67m, Math.Round(row.CostPerMillionTokens!.Value, 2));

        using var output = new StringWriter();
        TopView.Write(output, [row], allNamespaces: true);
        Assert.Matches(@"demo +chat +Unknown +2/2 .* 4 +2 +2\.0x +12 +6\.67", output.ToString());
        Assert.Contains("1 models, 2 replicas, 4 accelerators, 12 per hour", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_counted_or_priced_is_left_open()
    {
        var row = Assert.Single(FleetReport.Of([Model()], _ => [], null, null));
        Assert.Null(row.Queue);
        Assert.Null(row.Burn);
        Assert.Null(row.CostPerHour);
        Assert.Null(Assert.Single(FleetReport.Of([Model()], _ => [], Sample(0, 0, 0, 0, 0), Sample(1, 0, 0, 0, 0))).Burn);
    }

    private static AttentionModel Model() => new()
    {
        Metadata = new V1ObjectMeta { Name = "chat", NamespaceProperty = "demo" },
        Spec = new AttentionModelSpec
        {
            Replicas = 2,
            Resources = new ResourcesSpec { Accelerator = new AcceleratorSpec { Count = 2 } },
            Slo = new SloSpec { Objectives = [new ObjectiveSpec { Name = "errors", Type = ObjectiveType.Errors, Target = "95" }] },
        },
        Status = new AttentionModelStatus { Replicas = 2, ReadyReplicas = 2 },
    };

    private static FleetSample Sample(int second, int good, int bad, int tokens, int queue) => new(Noon.AddSeconds(second), [.. MetricSample.Parse($$"""
        attention_gateway_objective_requests_total{model_namespace="demo",model="chat",revision="a",objective="errors",result="good"} {{good}}
        attention_gateway_objective_requests_total{model_namespace="demo",model="chat",revision="a",objective="errors",result="bad"} {{bad}}
        attention_gateway_objective_requests_total{model_namespace="other",model="chat",revision="a",objective="errors",result="bad"} 999
        attention_gateway_tokens_total{model_namespace="demo",model="chat",revision="a",type="output"} {{tokens}}
        attention_gateway_queue_depth{model_namespace="demo",model="chat",class="standard"} {{queue}}
        """)]);
}
