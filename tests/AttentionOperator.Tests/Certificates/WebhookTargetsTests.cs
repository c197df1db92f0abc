using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Certificates;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Tests.Certificates;

public sealed class WebhookTargetsTests
{
    private static readonly byte[] Trust = Encoding.ASCII.GetBytes("the bundle");
    private static readonly CaBundleTarget Target = WebhookTargets.Of("attention-operator", new ObjectKey("attention-system", "attention-operator")).Last();

    [Fact]
    public void Only_the_bundle_of_webhooks_that_lead_to_the_operator_is_applied()
    {
        var patch = JsonNode.Parse(Target.Patch(Live("attention-system", null), Trust)!)!;
        var webhook = Assert.Single(patch["webhooks"]!.AsArray());
        Assert.Equal("""{"name":"ours.example.com","clientConfig":{"caBundle":"dGhlIGJ1bmRsZQ=="}}""", webhook!.ToJsonString());
        Assert.Equal("u1", patch["metadata"]!["uid"]!.GetValue<string>());
        Assert.Equal(["apiVersion", "kind", "metadata", "webhooks"], patch.AsObject().Select(member => member.Key));
    }

    [Fact]
    public void Nothing_is_applied_where_it_says_so_already_or_leads_elsewhere()
    {
        Assert.Null(Target.Patch(Live("attention-system", Convert.ToBase64String(Trust)), Trust));
        Assert.Null(Target.Patch(Live("another-namespace", null), Trust));
    }

    private static JsonElement Live(string ns, string? bundle)
    {
        var ours = new JsonObject { ["service"] = new JsonObject { ["name"] = "attention-operator", ["namespace"] = ns } };
        if (bundle is not null)
        {
            ours["caBundle"] = bundle;
        }

        return JsonSerializer.SerializeToElement(new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "attention-operator", ["uid"] = "u1" },
            ["webhooks"] = new JsonArray(
                new JsonObject { ["name"] = "ours.example.com", ["clientConfig"] = ours, ["timeoutSeconds"] = 3 },
                new JsonObject { ["name"] = "elsewhere.example.com", ["clientConfig"] = new JsonObject { ["url"] = "https://example.com/" } }),
        });
    }
}
