using System.Text.Json.Nodes;
using AttentionOperator.Api.Serialization;

namespace AttentionOperator.Packaging.Tests.Monitoring;

public sealed class MonitoringTests
{
    private static readonly string[] DashboardNames = ["executive", "on-call", "debug"];

    [Fact]
    public void Every_metric_of_alerts_and_dashboards_exists()
    {
        var known = MetricNames.InSource();
        Assert.Contains("attention_requests_total", known);
        Assert.Contains("attention_operator_reconcile_duration_seconds_bucket", known);
        var queries = Alerts().Select(alert => (string)alert["expr"]!).Concat(DashboardNames.SelectMany(Panels).SelectMany(Queries)).ToList();
        Assert.True(queries.Count > 40);
        Assert.Subset(known.ToHashSet(), queries.SelectMany(MetricNames.InQuery).ToHashSet());
    }

    [Fact]
    public void Every_alert_says_how_urgent_it_is_and_what_to_do()
    {
        var troubleshooting = Repository.Read("docs", "troubleshooting.md");
        var alerts = Alerts().ToList();
        Assert.NotEmpty(alerts);
        foreach (var alert in alerts)
        {
            var name = (string)alert["alert"]!;
            Assert.Contains((string)alert["labels"]!["severity"]!, (string[])["critical", "warning"]);
            Assert.NotEmpty((string)alert["annotations"]!["summary"]!);
            Assert.NotEmpty((string)alert["annotations"]!["description"]!);
            Assert.EndsWith("docs/troubleshooting.md#" + name.ToLowerInvariant(), (string)alert["annotations"]!["runbook_url"]!, StringComparison.Ordinal);
            Assert.Contains($"### {name}\n", troubleshooting, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Promtool_accepts_the_rules()
    {
        var promtool = Tool.Find("promtool");
        var rules = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(rules, Rule()["spec"]!.ToJsonString());
            (await promtool.RunAsync("check", "rules", rules)).RequireSuccess();
        }
        finally
        {
            File.Delete(rules);
        }
    }

    [Fact]
    public void Dashboards_have_names_of_their_own_and_panels_that_ask_something()
    {
        var boards = DashboardNames.Select(Board).ToList();
        Assert.Equal(boards.Count, boards.Select(board => (string)board["uid"]!).Distinct().Count());
        Assert.All(DashboardNames.SelectMany(Panels), panel =>
        {
            Assert.NotEmpty((string)panel["title"]!);
            Assert.NotEmpty(Queries(panel));
        });
        foreach (var board in boards)
        {
            var ids = board["panels"]!.AsArray().Select(panel => (int)panel!["id"]!).ToList();
            Assert.Equal(ids.Distinct(), ids);
        }
    }

    private static JsonNode Rule() => YamlDocuments.Parse(Repository.Read("config", "monitoring", "prometheus-rule.yaml"))[0];

    private static IEnumerable<JsonNode> Alerts() => Rule()["spec"]!["groups"]!.AsArray().SelectMany(group => group!["rules"]!.AsArray()).Select(rule => rule!);

    private static JsonNode Board(string name) => JsonNode.Parse(Repository.Read("config", "monitoring", "dashboards", name + ".json"))!;

    private static IEnumerable<JsonNode> Panels(string name) => Board(name)["panels"]!.AsArray().Select(panel => panel!);

    private static IEnumerable<string> Queries(JsonNode panel) => panel["targets"]!.AsArray().Select(target => (string)target!["expr"]!);
}
