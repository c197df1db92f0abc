using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.Kube.Apply;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Kube.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace AttentionOperator.Kube.Tests.Apply;

public sealed class ServerSideApplierTests : IAsyncLifetime
{
    private const string Collection = "/apis/apps/v1/namespaces/ns/deployments";
    private static readonly ResourceKind Deployments = ResourceKind.Of<k8s.Models.V1Deployment>();
    private static readonly ObjectKey Key = new("ns", "a");
    private ApiServer server = null!;
    private KubeConnection connection = null!;
    private KubeApi api = null!;
    private ServerSideApplier applier = null!;

    public async ValueTask InitializeAsync()
    {
        server = await ApiServer.StartAsync();
        connection = server.Connect();
        api = new KubeApi(connection);
        applier = new ServerSideApplier(api, "me");
    }

    public async ValueTask DisposeAsync()
    {
        connection.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Apply_NewObject_IsSentOnceUnderTheFieldManager()
    {
        ApplyResult result = await applier.ApplyAsync(Request("""{"spec":{"replicas":1}}"""), null, CancellationToken.None);
        Assert.Equal(ApplyOutcome.Applied, result.Outcome);
        Assert.True(result.Wrote);
        RecordedRequest sent = Assert.Single(server.Requests.Items);
        Assert.Equal("?fieldManager=me&force=true", sent.Query);
        Assert.Equal(Collection + "/a", sent.Path);

        ApplyResult again = await applier.ApplyAsync(Request("""{"spec":{"replicas":1}}"""), result.Object, CancellationToken.None);
        Assert.Equal(ApplyOutcome.Unchanged, again.Outcome);
        Assert.Single(server.Requests.Items);
    }

    [Fact]
    public async Task Apply_LiveSaysSoAlready_MakesNoRequestEvenAfterARestart()
    {
        server.Put(Collection, "a", o => o["spec"] = JsonNode.Parse("""{"replicas":5,"paused":false}"""));
        KubeObject live = await LiveAsync();
        int before = server.Requests.Items.Count;
        Assert.Equal(ApplyOutcome.Unchanged, (await applier.ApplyAsync(Request("""{"spec":{"paused":false}}"""), live, CancellationToken.None)).Outcome);
        Assert.Equal(before, server.Requests.Items.Count);
    }

    [Fact]
    public async Task Apply_DriftAndNewDocument_AreSent()
    {
        KubeObject live = (await applier.ApplyAsync(Request("""{"spec":{"replicas":1}}"""), null, CancellationToken.None)).Object!;
        server.Put(Collection, "a", o => o["spec"]!["replicas"] = 9);
        live = await LiveAsync();
        Assert.Equal(ApplyOutcome.Applied, (await applier.ApplyAsync(Request("""{"spec":{"replicas":1}}"""), live, CancellationToken.None)).Outcome);
        live = await LiveAsync();
        Assert.Equal(ApplyOutcome.Applied, (await applier.ApplyAsync(Request("""{"spec":{"replicas":2}}"""), live, CancellationToken.None)).Outcome);
    }

    [Fact]
    public async Task Apply_ServerNormalisesWhatWeSend_DoesNotLoop()
    {
        server.Intercept = (context, request) => AnswerPatchAsync(context, request, """{"metadata":{"name":"a","namespace":"ns","uid":"u","resourceVersion":"5"},"spec":{"normal":"FORM"}}""");
        ApplyRequest request = Request("""{"spec":{"normal":"form"}}""");
        KubeObject live = (await applier.ApplyAsync(request, null, CancellationToken.None)).Object!;
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(ApplyOutcome.Unchanged, (await applier.ApplyAsync(request, live, CancellationToken.None)).Outcome);
        }

        Assert.Single(server.Requests.Items);
    }

    [Fact]
    public async Task Apply_FieldOfAnotherManager_IsYieldedAndRemembered()
    {
        server.Put(Collection, "a", o => o["spec"] = JsonNode.Parse("""{"replicas":5,"paused":true}"""));
        Func<RecordedRequest, bool> statesReplicas = r => JsonNode.Parse(r.Body)!["spec"]?["replicas"] is not null;
        server.Intercept = (context, request) => request.Method == "PATCH" && statesReplicas(request)
            ? ConflictAsync(context, ".spec.replicas", "conflict with \"kube-controller-manager\" with subresource \"scale\"")
            : Task.FromResult(false);
        ApplyRequest wanted = Request("""{"spec":{"replicas":1,"paused":false}}""", ConflictPolicy.Yield);

        ApplyResult result = await applier.ApplyAsync(wanted, await LiveAsync(), CancellationToken.None);
        Assert.Equal(ApplyOutcome.Yielded, result.Outcome);
        Assert.Equal(".spec.replicas", Assert.Single(result.Conflicts).Field);
        KubeObject live = await LiveAsync();
        Assert.Equal(5, (int)JsonNode.Parse(live.Json.Span)!["spec"]!["replicas"]!);
        Assert.False((bool)JsonNode.Parse(live.Json.Span)!["spec"]!["paused"]!);

        // The autoscaler moves on; we neither fight it nor ask again.
        server.Put(Collection, "a", o => o["spec"]!["replicas"] = 8);
        int before = server.Requests.Items.Count(r => r.Method == "PATCH");
        Assert.Equal(ApplyOutcome.Unchanged, (await applier.ApplyAsync(wanted, await LiveAsync(), CancellationToken.None)).Outcome);
        Assert.Equal(before, server.Requests.Items.Count(r => r.Method == "PATCH"));
    }

    [Fact]
    public async Task Apply_ReportPolicy_ChangesNothingAndNamesTheFields()
    {
        server.Intercept = (context, request) => request.Method == "PATCH" ? ConflictAsync(context, ".spec.replicas", "conflict with \"kubectl\"") : Task.FromResult(false);
        ApplyResult result = await applier.ApplyAsync(Request("""{"spec":{"replicas":1}}""", ConflictPolicy.Report), null, CancellationToken.None);
        Assert.Equal(ApplyOutcome.Conflict, result.Outcome);
        Assert.False(result.Wrote);
        Assert.Contains("force=false", server.Requests.Items[0].Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_VersionConflict_IsAnErrorForTheReconciler()
    {
        server.Intercept = async (context, _) =>
        {
            context.Response.StatusCode = 409;
            await context.Response.WriteAsync("""{"kind":"Status","code":409,"reason":"Conflict","message":"the object has been modified"}""");
            return true;
        };
        KubeApiException e = await Assert.ThrowsAsync<KubeApiException>(() => applier.ApplyAsync(Request("""{"spec":{"replicas":1}}""", ConflictPolicy.Yield), null, CancellationToken.None));
        Assert.True(e.IsConflict);
    }

    [Fact]
    public async Task Apply_Status_GoesToTheSubresourceAndIsComparedThere()
    {
        server.Put(Collection, "a", o => o["spec"] = JsonNode.Parse("""{"replicas":5}"""));
        ApplyRequest request = Request("""{"status":{"phase":"Ready"}}""") with { Subresource = "status" };
        Assert.Equal(ApplyOutcome.Applied, (await applier.ApplyAsync(request, await LiveAsync(), CancellationToken.None)).Outcome);
        Assert.Contains(server.Requests.Items, r => r.Method == "PATCH" && r.Path == Collection + "/a/status");
        Assert.Equal(ApplyOutcome.Unchanged, (await new ServerSideApplier(api, "me").ApplyAsync(request, await LiveAsync(), CancellationToken.None)).Outcome);
    }

    [Fact]
    public async Task Delete_WithPreconditions_SparesAnotherIncarnation()
    {
        server.Put(Collection, "a");
        KubeObject live = await LiveAsync();
        Assert.False(await api.DeleteAsync(Deployments, Key, new DeletePreconditions("another"), CancellationToken.None));
        Assert.NotNull(await api.GetAsync(Deployments, Key, CancellationToken.None));
        Assert.True(await api.DeleteAsync(Deployments, Key, new DeletePreconditions(live.Uid), CancellationToken.None));
        Assert.Null(await api.GetAsync(Deployments, Key, CancellationToken.None));
        Assert.False(await api.DeleteAsync(Deployments, Key, null, CancellationToken.None));
    }

    [Fact]
    public async Task CreateOnce_SecondTime_ChangesNothing()
    {
        byte[] json = Encoding.UTF8.GetBytes("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"}}""");
        Assert.NotNull(await api.CreateOnceAsync(Deployments, "ns", json, CancellationToken.None));
        Assert.Null(await api.CreateOnceAsync(Deployments, "ns", json, CancellationToken.None));
    }

    private static ApplyRequest Request(string fields, ConflictPolicy conflicts = ConflictPolicy.Force)
    {
        JsonObject document = JsonNode.Parse(fields)!.AsObject();
        document["apiVersion"] = "apps/v1";
        document["kind"] = "Deployment";
        document["metadata"] = new JsonObject { ["name"] = "a", ["namespace"] = "ns" };
        return new ApplyRequest(Deployments, Key, Encoding.UTF8.GetBytes(document.ToJsonString()), conflicts);
    }

    private static async Task<bool> ConflictAsync(HttpContext context, string field, string message)
    {
        context.Response.StatusCode = 409;
        var cause = new JsonObject { ["reason"] = "FieldManagerConflict", ["field"] = field, ["message"] = message };
        var status = new JsonObject { ["kind"] = "Status", ["code"] = 409, ["reason"] = "Conflict", ["message"] = "Apply failed", ["details"] = new JsonObject { ["causes"] = new JsonArray(cause) } };
        await context.Response.WriteAsync(status.ToJsonString());
        return true;
    }

    private static async Task<bool> AnswerPatchAsync(HttpContext context, RecordedRequest request, string json)
    {
        if (request.Method != "PATCH")
        {
            return false;
        }

        await context.Response.WriteAsync(json);
        return true;
    }

    private async Task<KubeObject> LiveAsync() => (await api.GetAsync(Deployments, Key, CancellationToken.None))!;
}
