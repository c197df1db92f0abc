using System.Net;
using System.Text;
using AttentionOperator.Api.Naming;
using AttentionOperator.Inference.Engine;

namespace AttentionOperator.Runtime.Tests;

/// <summary>Broken and odd requests: never a 500, never a request that stays inside. Seeded; FUZZ_SECONDS makes it longer.</summary>
public sealed class FuzzTests
{
    private static readonly string[] Seeds =
    [
        """{"model":"tiny","prompt":"hello","max_tokens":5,"temperature":0.5,"top_p":0.9,"stop":["a","b"],"logit_bias":{"5":1},"seed":1,"n":2,"logprobs":3,"stream":false,"echo":true}""",
        """{"model":"tiny","prompt":[1,2,3],"stream":true,"stream_options":{"include_usage":true},"response_format":{"type":"json_schema","json_schema":{"schema":{"type":"object"}}}}""",
        """{"model":"tiny","messages":[{"role":"user","content":"hi"},{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"1","content":"x"}],"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"auto"}""",
        """{"model":"tiny","input":["a","b"],"encoding_format":"base64","dimensions":4}""",
        """{"prompt":"x","messages":[{"role":"user","content":[{"type":"text","text":"y"}]}],"add_special_tokens":false}""",
        """{"tokens":[1,2,3]}""",
        """{"model":"tiny","attention_continuation":{"token_ids":[1]},"prompt":"x"}""",
    ];

    private static readonly string[] Paths =
        ["/v1/completions", "/v1/chat/completions", "/v1/embeddings", "/v1/rerank", "/v1/classify", "/tokenize", "/detokenize", "/v1/completions/render", "/v1/chat/completions/render"];

    private static readonly string[] Atoms =
        ["null", "true", "-1", "1e999", "0.1", "\"\"", "\"\\ud83d\"", "\"\\u0000\"", "[]", "{}", "[[]]", "99999999999999999999", "[null]", "{\"a\":1}", "\"tiny\"", "18446744073709551616"];

    [Fact]
    public async Task Nothing_sent_is_a_defect_or_stays_inside()
    {
        var seconds = int.TryParse(Environment.GetEnvironmentVariable("FUZZ_SECONDS"), out var more) ? more : 3;
        var (server, engine) = await TestServer.GenerateAsync(_ => "hi", template: new Fakes.PlainTemplate("tools <tool_call>"));
        await using var owned = server;
        engine.Refuse = r => r.PromptIds.Length % 7 == 3 ? new RequestRefusedException(RefusalReason.QueueFull, "full") : null;
        var random = new Random(20260101);
        var until = DateTime.UtcNow.AddSeconds(seconds);
        var sent = 0;
        var statuses = new HashSet<HttpStatusCode>();
        while (DateTime.UtcNow < until || sent < 500)
        {
            var body = Mutate(random, Seeds[random.Next(Seeds.Length)]);
            var path = Paths[random.Next(Paths.Length)];
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new("application/json");
            if (random.Next(4) == 0) request.Headers.Add(HeaderNames.ContinuationToken, TestServer.InternalToken);
            if (random.Next(10) == 0) request.Headers.TryAddWithoutValidation(HeaderNames.Deadline, Atoms[random.Next(Atoms.Length)]);
            using var response = await server.Client.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            statuses.Add(response.StatusCode);
            sent++;
            Assert.False(response.StatusCode == HttpStatusCode.InternalServerError || text.Contains("\"Internal\"", StringComparison.Ordinal), $"{path} answered {text} to {Encoding.UTF8.GetString(body)}");
            if (!response.IsSuccessStatusCode) Assert.Contains("\"error\"", text, StringComparison.Ordinal);
        }

        Assert.Contains(HttpStatusCode.OK, statuses);
        Assert.Contains(HttpStatusCode.BadRequest, statuses);
        Assert.Contains(HttpStatusCode.UnprocessableEntity, statuses);
        await LifecycleTests.UntilAsync(() => server.Server.Gate.Inside == 0 && engine.Running == 0);
    }

    [Fact]
    public async Task Nothing_sent_leaves_a_block_allocated()
    {
        await using var server = await GoldenServer.OpenAsync("llama-untied", Api.V1Alpha1.ModelTask.Generate, c => c with { Limits = new Api.V1Alpha1.LimitsSpec { MaxBatchTokens = 64, MaxOutputTokens = 8 } });
        var random = new Random(20260202);
        for (var i = 0; i < 300; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Paths[random.Next(2)]) { Content = new ByteArrayContent(Mutate(random, Seeds[random.Next(2)])) };
            request.Content.Headers.ContentType = new("application/json");
            using var response = await server.Client.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            Assert.False(response.StatusCode == HttpStatusCode.InternalServerError || text.Contains("\"Internal\"", StringComparison.Ordinal), text);
        }

        var model = server.Server.Gate.Model!;
        await LifecycleTests.UntilAsync(() => server.Server.Gate.Inside == 0 && model.Statistics is { Running: 0, BlocksUsed: 0 });
        Assert.True(model.Statistics.GeneratedTokens > 0);
        Assert.Equal(0, model.Statistics.FailedSteps);
    }

    private static byte[] Mutate(Random random, string seed)
    {
        var text = seed;
        for (var k = random.Next(4); k > 0; k--)
        {
            switch (random.Next(4))
            {
                case 0:
                    // Another value in the place of one.
                    var colons = Enumerable.Range(0, text.Length).Where(i => text[i] is ':' or '[' or ',').ToList();
                    if (colons.Count == 0) break;
                    var at = colons[random.Next(colons.Count)] + 1;
                    var end = at;
                    while (end < text.Length && text[end] is not (',' or '}' or ']')) end++;
                    text = text[..at] + Atoms[random.Next(Atoms.Length)] + text[end..];
                    break;
                case 1:
                    var cut = random.Next(text.Length + 1);
                    text = text[..cut];
                    break;
                case 2:
                    var place = random.Next(text.Length + 1);
                    text = text[..place] + (char)random.Next(1, 0x2000) + text[place..];
                    break;
                default:
                    var field = random.Next(2) == 0 ? "\"unknown\":1," : "\"temperature\":" + Atoms[random.Next(Atoms.Length)] + ",";
                    if (text.StartsWith('{')) text = "{" + field + text[1..];
                    break;
            }
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length > 0 && random.Next(5) == 0) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }
}
