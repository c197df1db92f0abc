using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.GatewayBench.Load;
using AttentionOperator.GatewayBench.Runtimes;

namespace AttentionOperator.GatewayBench.Phases;

/// <summary>Errors, broken streams and wrong texts that clients see while pods are killed, drained and rolled to a new revision under load.</summary>
internal sealed class ChaosPhase : IPhase
{
    private const string Model = "chaos";
    private const int Tokens = 20;
    private const int Clients = 40;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(15);
    private readonly string expected = MockAnswer.Text(Tokens);
    private int errors;
    private int answers;
    private int streams;
    private string? firstError;

    public string Name => "chaos";

    public async Task RunAsync(BenchContext context, CancellationToken cancellation)
    {
        var behaviour = context.Behaviour with { ServiceTime = TimeSpan.FromMilliseconds(50), TokenInterval = TimeSpan.FromMilliseconds(10) };
        var fleet = new ChaosFleet(context, Model, behaviour);
        await context.Cluster.CreateModelAsync(Model, TenantModel.Spec(maxSequences: 32), cancellation);
        await fleet.StartAsync(cancellation);
        await context.Gateway.UntilServesAsync(Requests.Post("/v1/completions", Requests.Completion(Model, 20, Tokens, stream: false), TenantModel.Key), cancellation);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var clients = Enumerable.Range(0, Clients).Select(i => ClientAsync(context, i, done.Token)).ToList();
        var events = await fleet.DisturbAsync(Time, new Random(7), cancellation);
        await done.CancelAsync();
        await Task.WhenAll(clients);
        fleet.Dispose();
        context.Report("client_errors_under_chaos", errors, "requests");
        context.Note($"chaos: {answers} answers of which {streams} streams, during {events}" + (firstError is null ? "" : $"; first error: {firstError}"));
    }

    private async Task ClientAsync(BenchContext context, int client, CancellationToken stop)
    {
        for (var i = client; !stop.IsCancellationRequested; i++)
        {
            var stream = i % 4 != 0;
            // A request that has begun is waited for, also when the time is over.
            try
            {
                await AskAsync(context, stream);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                Fail(e.Message);
            }

            Interlocked.Increment(ref answers);
            if (stream)
            {
                Interlocked.Increment(ref streams);
            }
        }
    }

    private async Task AskAsync(BenchContext context, bool stream)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = new StringContent(Requests.Completion(Model, 20, Tokens, stream), Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", TenantModel.Key);
        using var response = await context.Gateway.Client.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
        {
            Fail($"{(int)response.StatusCode} {body}");
            return;
        }

        if (!stream)
        {
            CheckText(JsonNode.Parse(body)!["choices"]![0]!["text"]!.GetValue<string>());
            return;
        }

        var data = body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(e => e.StartsWith("data: ", StringComparison.Ordinal)).Select(e => e["data: ".Length..]).ToList();
        if (data.Count == 0 || data[^1] != "[DONE]")
        {
            Fail($"a stream ended with {data.LastOrDefault() ?? "nothing"}");
            return;
        }

        CheckText(string.Concat(data.SkipLast(1).Select(d => JsonNode.Parse(d)!["choices"] is JsonArray { Count: > 0 } choices ? choices[0]!["text"]!.GetValue<string>() : "")));
    }

    private void CheckText(string text)
    {
        if (text != expected)
        {
            Fail($"the text was '{text}'");
        }
    }

    private void Fail(string what)
    {
        Interlocked.Increment(ref errors);
        Interlocked.CompareExchange(ref firstError, what, null);
    }
}
