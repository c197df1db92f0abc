using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Tests.Api;
using static AttentionOperator.Sandbox.Tests.Api.ApiTestServer;

namespace AttentionOperator.Sandbox.Tests.Admission;

public sealed class WebhookFailureTests
{
    [Theory]
    [InlineData("Fail")]
    [InlineData("Ignore")]
    public async Task The_failure_policy_decides_when_nobody_answers(string policy)
    {
        await using var api = await ApiTestServer.StartAsync();
        var gone = await Webhook.StartAsync(_ => Webhook.Allow());
        await gone.DisposeAsync();
        await gone.ValidatingAsync(api, change: h => h["failurePolicy"] = policy);

        await ExpectAsync(api, policy, "failed to call webhook: Post ");
    }

    [Theory]
    [InlineData("Fail")]
    [InlineData("Ignore")]
    public async Task A_webhook_that_takes_longer_than_its_time_out_has_failed(string policy)
    {
        await using var api = await ApiTestServer.StartAsync();
        await using var slow = await Webhook.StartAsync(async (_, context) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
            return Webhook.Allow();
        });
        await slow.ValidatingAsync(api, change: h =>
        {
            h["timeoutSeconds"] = 1;
            h["failurePolicy"] = policy;
        });

        await ExpectAsync(api, policy, "context deadline exceeded");
    }

    [Theory]
    [InlineData("Fail")]
    [InlineData("Ignore")]
    public async Task Nonsense_is_a_failure(string policy)
    {
        await using var api = await ApiTestServer.StartAsync();
        await using var hook = await Webhook.StartAsync(_ => new JsonObject { ["uid"] = "another", ["allowed"] = true });
        await hook.ValidatingAsync(api, change: h => h["failurePolicy"] = policy);

        await ExpectAsync(api, policy, "expected response.uid=");
    }

    [Fact]
    public async Task An_error_code_is_a_failure()
    {
        await using var api = await ApiTestServer.StartAsync();
        await using var hook = await Webhook.StartAsync((_, context) =>
        {
            context.Response.StatusCode = 503;
            return Task.FromResult(Webhook.Allow());
        });
        await hook.ValidatingAsync(api);

        await ExpectAsync(api, "Fail", "503");
    }

    [Fact]
    public async Task Only_the_ca_bundle_is_trusted_and_only_for_the_name()
    {
        await using var api = await ApiTestServer.StartAsync();
        using var strangers = new TestCertificates();
        await using var hook = await Webhook.StartAsync(_ => Webhook.Allow());
        await using var misnamed = await Webhook.StartAsync(_ => Webhook.Allow(), "another.example.com");
        await hook.ValidatingAsync(api, "stranger", h => h["clientConfig"]!["caBundle"] = strangers.CaBundle);
        await ExpectAsync(api, "Fail", "failed to call webhook");
        await api.SendAsync("DELETE", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/stranger");

        await misnamed.ValidatingAsync(api, "misnamed");
        await ExpectAsync(api, "Fail", "failed to call webhook");
        Assert.Empty(hook.Requests);
        Assert.Empty(misnamed.Requests);
    }

    [Fact]
    public async Task A_service_is_reached_at_a_ready_endpoint_under_its_own_name()
    {
        await using var api = await ApiTestServer.StartAsync();
        await using var hook = await Webhook.StartAsync((request, context) =>
        {
            request["path"] = context.Request.Path + context.Request.QueryString.Value;
            request["host"] = context.Request.Host.Value;
            return Task.FromResult(Webhook.Allow());
        }, "hooks.default.svc");
        await hook.ValidatingAsync(api, change: h => h["clientConfig"] = Body($$"""{"service":{"namespace":"default","name":"hooks","path":"/check"},"caBundle":"{{hook.CaBundle}}"}"""));
        await ExpectAsync(api, "Fail", "service \"hooks\" not found");

        await api.ExposeAsync("hooks", hook.Port);
        await api.CreateAsync(ConfigMaps, ConfigMap("m"));

        var request = Assert.Single(hook.Requests)["request"]!;
        Assert.Equal("/check?timeout=10s", Text(request, "path"));
        Assert.StartsWith("hooks.default.svc", Text(request, "host"), StringComparison.Ordinal);
    }

    private static async Task ExpectAsync(ApiTestServer api, string policy, string message)
    {
        var (code, status) = await api.SendAsync("POST", ConfigMaps, ConfigMap("m"));
        if (policy == "Ignore")
        {
            Assert.Equal(201, code);
            return;
        }

        Assert.Equal((500, "InternalError"), (code, Text(status, "reason")));
        Assert.StartsWith("Internal error occurred: failed calling webhook \"", Text(status, "message"), StringComparison.Ordinal);
        Assert.Contains(message, Text(status, "message"), StringComparison.Ordinal);
    }
}
