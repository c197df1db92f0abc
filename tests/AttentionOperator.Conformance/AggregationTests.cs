using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Tests.Api;
using Microsoft.AspNetCore.Http;

namespace AttentionOperator.Conformance;

/// <summary>Servers of this process behind Services: an aggregated API that an autoscaler reads, and a webhook.</summary>
public sealed class AggregationTests(Cluster cluster) : ConformanceTest(cluster)
{
    private const string Metrics = "external.metrics.k8s.io";
    private readonly TestCertificates _certificates = new();

    [Fact]
    public async Task An_autoscaler_follows_an_external_metric_of_an_aggregated_server()
    {
        var value = "6";
        await using var server = await ServeAsync("metrics", context => context.Request.Path.Value switch
        {
            $"/apis/{Metrics}/v1beta1" => Json($$"""{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"{{Metrics}}/v1beta1","resources":[{"name":"waiting","singularName":"","namespaced":true,"kind":"ExternalMetricValueList","verbs":["get"]}]}"""),
            var path when path == $"/apis/{Metrics}/v1beta1/namespaces/{Namespace}/waiting" => Json($$"""
                {"kind":"ExternalMetricValueList","apiVersion":"{{Metrics}}/v1beta1","metadata":{},"items":[{"metricName":"waiting","metricLabels":{},"timestamp":"2026-01-01T00:00:00Z","value":"{{value}}"}]}
                """),
            _ => null,
        });
        await CreateAsync("/apis/apiregistration.k8s.io/v1/apiservices", Json($$$"""
            {"metadata":{"name":"v1beta1.{{{Metrics}}}"},"spec":{"group":"{{{Metrics}}}","version":"v1beta1","groupPriorityMinimum":100,"versionPriority":100,
             "caBundle":"{{{_certificates.CaBundle}}}","service":{"namespace":"{{{Namespace}}}","name":"metrics","port":443} } }
            """));
        await using var registered = new Registration(Cluster, $"/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.{Metrics}");
        await UntilAsync("/apis/apiregistration.k8s.io/v1/apiservices", $"v1beta1.{Metrics}", s => Available(s) == "True");
        Assert.Equal(value, Text((await GetAsync($"/apis/{Metrics}/v1beta1/namespaces/{Namespace}/waiting"))["items"]![0], "value"));

        var autoscalers = $"/apis/autoscaling/v2/namespaces/{Namespace}/horizontalpodautoscalers";
        await CreateAsync(Deployments, Deployment("scaled"));
        await CreateAsync(autoscalers, Json("""
            {"metadata":{"name":"scaled"},"spec":{"minReplicas":1,"maxReplicas":5,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"scaled"},
             "behavior":{"scaleDown":{"stabilizationWindowSeconds":0}},
             "metrics":[{"type":"External","external":{"metric":{"name":"waiting"},"target":{"type":"AverageValue","averageValue":"2"}}}]}}
            """));
        await UntilAsync(Deployments, "scaled", d => Text(d, "spec", "replicas") == "3");
        var seen = await UntilAsync(autoscalers, "scaled", a => Text(a, "status", "currentMetrics").Length > 0 && Text(a, "status", "desiredReplicas") == "3");
        Assert.Equal("waiting", Text(seen["status"]!["currentMetrics"]![0], "external", "metric", "name"));
        value = "2";
        await UntilAsync(Deployments, "scaled", d => Text(d, "spec", "replicas") == "1");
    }

    [Fact]
    public async Task A_webhook_behind_a_service_is_asked_under_the_service_s_name()
    {
        await using var server = await ServeAsync("hook", context => context.Request.Path == "/admit"
            ? Json("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"allowed":false,"status":{"code":403,"message":"not by service either"}}}""")
            : null);
        var path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
        await CreateAsync(path, Json($$$"""
            {"metadata":{"name":"{{{Namespace}}}"},"webhooks":[{"name":"hook.conformance.example.com","admissionReviewVersions":["v1"],"sideEffects":"None","failurePolicy":"Fail",
             "clientConfig":{"service":{"namespace":"{{{Namespace}}}","name":"hook","path":"/admit","port":443},"caBundle":"{{{_certificates.CaBundle}}}"},
             "namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"{{{Namespace}}}"} },
             "rules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["configmaps"]}]}]}
            """));
        await using var registered = new Registration(Cluster, $"{path}/{Namespace}");
        var (code, status) = await Cluster.SendAsync("POST", ConfigMaps, ConfigMap("a"));
        Assert.Equal((403, "admission webhook \"hook.conformance.example.com\" denied the request: not by service either"), (code, Text(status, "message")));
    }

    /// <summary>A server with a certificate for the Service of that name, and the Service with this server as its endpoint.</summary>
    private async Task<HttpsEndpoint> ServeAsync(string name, Func<HttpContext, JsonObject?> answer)
    {
        if (!Cluster.IsSandbox) Assert.Skip("A real API server takes no loopback address as an endpoint, and these tests listen on no other.");
        var server = await HttpsEndpoint.StartAsync(_certificates.ForServer($"{name}.{Namespace}.svc"), async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            if (answer(context) is not { } found)
            {
                context.Response.StatusCode = 404;
                return;
            }

            if (found["response"] is JsonObject review) review["uid"] = JsonNode.Parse(body)!["request"]!["uid"]!.DeepClone();
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(found.ToJsonString());
        });
        await CreateAsync($"/api/v1/namespaces/{Namespace}/services", Json($$"""{"metadata":{"name":"{{name}}"},"spec":{"ports":[{"name":"https","port":443}]} }"""));
        await CreateAsync($"/apis/discovery.k8s.io/v1/namespaces/{Namespace}/endpointslices", Json($$"""
            {"metadata":{"name":"{{name}}-1","labels":{"kubernetes.io/service-name":"{{name}}"} },"addressType":"IPv4",
             "endpoints":[{"addresses":["127.0.0.1"],"conditions":{"ready":true} }],"ports":[{"name":"https","port":{{server.Uri.Port}},"protocol":"TCP"}]}
            """));
        return server;
    }

    private static string Available(JsonObject service) => Text(service["status"]?["conditions"]?.AsArray().SingleOrDefault(c => Text(c, "type") == "Available"), "status");
}
