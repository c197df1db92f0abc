using System.Text.Json.Nodes;

namespace AttentionOperator.Conformance;

/// <summary>What clients learn of the server: groups, resources, schemas and tables.</summary>
public sealed class DiscoveryTests(Cluster cluster) : ConformanceTest(cluster)
{
    private const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    [Fact]
    public async Task Groups_and_resources_are_listed_the_classic_way()
    {
        var groups = (await GetAsync("/apis"))["groups"]!.AsArray();
        Assert.Equal("apps/v1", Text(groups.Single(g => Text(g, "name") == "apps"), "preferredVersion", "groupVersion"));
        var resources = (await GetAsync("/apis/apps/v1"))["resources"]!.AsArray();
        var deployments = resources.Single(r => Text(r, "name") == "deployments")!;
        Assert.Equal(("Deployment", "deployment", "true"), (Text(deployments, "kind"), Text(deployments, "singularName"), Text(deployments, "namespaced")));
        Assert.Contains("deploy", deployments["shortNames"]!.AsArray().Select(n => n!.ToString()));
        Assert.Equal(["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"], deployments["verbs"]!.AsArray().Select(v => v!.ToString()));
        var scale = resources.Single(r => Text(r, "name") == "deployments/scale");
        Assert.Equal(("autoscaling", "v1", "Scale"), (Text(scale, "group"), Text(scale, "version"), Text(scale, "kind")));
        Assert.Contains((await GetAsync("/api/v1"))["resources"]!.AsArray(), r => Text(r, "name") == "pods/eviction" && Text(r, "group") == "policy");
    }

    [Fact]
    public async Task Groups_and_resources_are_listed_in_one_answer()
    {
        var (code, list) = await Cluster.SendAsync("GET", "/apis", accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
        Assert.Equal(200, code);
        Assert.Equal(("APIGroupDiscoveryList", "apidiscovery.k8s.io/v2"), (Text(list, "kind"), Text(list, "apiVersion")));
        var apps = list!["items"]!.AsArray().Single(g => Text(g, "metadata", "name") == "apps");
        var deployments = apps!["versions"]![0]!["resources"]!.AsArray().Single(r => Text(r, "resource") == "deployments");
        Assert.Equal(("Namespaced", "Deployment", "deployment"), (Text(deployments, "scope"), Text(deployments, "responseKind", "kind"), Text(deployments, "singularResource")));
        Assert.Contains(deployments!["subresources"]!.AsArray(), s => Text(s, "subresource") == "status");
    }

    [Theory]
    [InlineData("/apis/apps/v1/namespaces/{0}/deployments", "Name,Ready,Up-to-date,Available,Age,Containers,Images,Selector")]
    [InlineData("/api/v1/namespaces/{0}/pods", "Name,Ready,Status,Restarts,Age,IP,Node,Nominated Node,Readiness Gates")]
    [InlineData("/api/v1/namespaces/{0}/services", "Name,Type,Cluster-IP,External-IP,Port(s),Age,Selector")]
    [InlineData("/api/v1/namespaces/{0}/configmaps", "Name,Data,Age")]
    [InlineData("/api/v1/nodes", "Name,Status,Roles,Age,Version,Internal-IP,External-IP,OS-Image,Kernel-Version,Container-Runtime")]
    [InlineData("/apis/batch/v1/namespaces/{0}/jobs", "Name,Status,Completions,Duration,Age,Containers,Images,Selector")]
    [InlineData("/apis/coordination.k8s.io/v1/namespaces/{0}/leases", "Name,Holder,Age")]
    [InlineData("/apis/policy/v1/namespaces/{0}/poddisruptionbudgets", "Name,Min Available,Max Unavailable,Allowed Disruptions,Age")]
    [InlineData("/apis/autoscaling/v2/namespaces/{0}/horizontalpodautoscalers", "Name,Reference,Targets,MinPods,MaxPods,Replicas,Age")]
    public async Task Tables_have_the_columns_that_kubectl_shows(string path, string columns)
    {
        var (code, table) = await Cluster.SendAsync("GET", string.Format(System.Globalization.CultureInfo.InvariantCulture, path, Namespace), accept: Table);
        Assert.Equal(200, code);
        Assert.Equal(("Table", "meta.k8s.io/v1"), (Text(table, "kind"), Text(table, "apiVersion")));
        Assert.Equal(columns, string.Join(',', table!["columnDefinitions"]!.AsArray().Select(c => Text(c, "name"))));
    }

    [Fact]
    public async Task A_table_row_has_cells_and_the_objects_metadata()
    {
        await CreateAsync(Deployments, Deployment("web", replicas: 0));
        var (_, table) = await Cluster.SendAsync("GET", $"{Deployments}/web", accept: Table);
        var row = Assert.Single(table!["rows"]!.AsArray());
        Assert.Equal(["web", "0/0"], row!["cells"]!.AsArray().Take(2).Select(c => c!.ToString()));
        Assert.Equal(("PartialObjectMetadata", "web"), (Text(row, "object", "kind"), Text(row, "object", "metadata", "name")));
    }

    [Fact]
    public async Task An_api_service_without_its_service_is_unavailable()
    {
        var group = $"{Namespace}.example.com";
        const string Services = "/apis/apiregistration.k8s.io/v1/apiservices";
        await CreateAsync(Services, Json($$$"""
            {"metadata":{"name":"v1.{{{group}}}"},"spec":{"group":"{{{group}}}","version":"v1","groupPriorityMinimum":100,"versionPriority":10,"insecureSkipTLSVerify":true,
             "service":{"namespace":"{{{Namespace}}}","name":"nobody"} } }
            """));
        try
        {
            var found = await UntilAsync(Services, $"v1.{group}", s => s["status"]?["conditions"]?.AsArray().Any(c => Text(c, "type") == "Available") == true);
            var available = found["status"]!["conditions"]!.AsArray().Single(c => Text(c, "type") == "Available");
            Assert.Equal(("False", "ServiceNotFound", $"service/nobody in \"{Namespace}\" is not present"), (Text(available, "status"), Text(available, "reason"), Text(available, "message")));
            using var patience = new CancellationTokenSource(Patience);
            int code;
            while ((code = (await Cluster.SendAsync("GET", $"/apis/{group}/v1/things")).Code) == 404) await Task.Delay(100, patience.Token);
            Assert.Equal(503, code);

            // With a service but no endpoint the reason moves on.
            await CreateAsync($"/api/v1/namespaces/{Namespace}/services", Json("""{"metadata":{"name":"nobody"},"spec":{"selector":{"app":"nobody"},"ports":[{"port":443}]}}"""));
            await UntilAsync(Services, $"v1.{group}", s => s["status"]!["conditions"]!.AsArray().Any(c => Text(c, "reason") is "EndpointsNotFound" or "MissingEndpoints"));
        }
        finally
        {
            await Cluster.SendAsync("DELETE", $"{Services}/v1.{group}");
        }
    }
}
