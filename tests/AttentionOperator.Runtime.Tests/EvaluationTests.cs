using System.Globalization;
using System.Net;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Runtime.Evaluation;

namespace AttentionOperator.Runtime.Tests;

/// <summary>Golden sets, against served models.</summary>
public sealed class EvaluationTests
{
    [Theory]
    [InlineData("Paris.", " Paris.\n", 1, 1, 1)]
    [InlineData("", "", 1, 1, 1)]
    [InlineData("", "Paris", 0, 0, 0)]
    [InlineData("It is Paris", "Paris it is!", 0, 1, 2 / 3.0)]
    [InlineData("the cat the cat", "the cat", 0, 2 / 3.0, 2 / 3.0)]
    [InlineData("police killed the gunman", "police kill the gunman", 0, 0.75, 0.75)]
    [InlineData("ÉTÉ 2024", "été, 2024", 0, 1, 1)]
    public void Texts_are_scored_as_published(string answer, string expected, double exact, double f1, double rougeL)
    {
        Assert.Equal(exact, TextScores.ExactMatch(answer, expected));
        Assert.Equal(f1, TextScores.F1(answer, expected), 12);
        Assert.Equal(rougeL, TextScores.RougeL(answer, expected), 12);
        Assert.Equal(f1, TextScores.F1(expected, answer), 12);
        Assert.Equal(rougeL, TextScores.RougeL(expected, answer), 12);
    }

    [Theory]
    [InlineData(1, 0, 0, 1, 0)]
    [InlineData(3, 4, 6, 8, 1)]
    [InlineData(1, 1, -1, -1, -1)]
    [InlineData(0, 0, 1, 1, 0)]
    public void Cosine_is_of_directions(double a, double b, double c, double d, double cosine) => Assert.Equal(cosine, TextScores.Cosine([a, b], [c, d]), 12);

    [Fact]
    public async Task Answers_are_compared_with_the_expected_and_with_the_stable_revision()
    {
        await using var canary = await GoldenServer.OpenAsync("gpt2", ModelTask.Generate);
        await using var stable = await GoldenServer.OpenAsync("llama-untied", ModelTask.Generate);
        var (_, own, _) = await canary.PostAsync("/v1/completions", """{"model":"tiny","prompt":"Hello","max_tokens":8,"temperature":0}""");
        var cases = new[] { new EvaluationCase { Prompt = "Hello", Expected = own.GetProperty("choices")[0].GetProperty("text").GetString() }, new EvaluationCase { Prompt = "Hello", Expected = "never said" } };

        var report = await RunAsync(EvaluationMetric.ExactMatch, cases, canary, stable);
        Assert.Equal((0.5, 0, 2, 0), (report.Score, report.StableScore, report.Cases, report.Unanswered));
        Assert.Equal(0, report.Parity);
        Assert.NotEqual(report.Tokenizer, report.StableTokenizer);
        Assert.Equal(1, (await RunAsync(EvaluationMetric.F1, cases[..1], canary, canary)).Parity);
        Assert.Equal(report, EvaluationReport.Parse(report.ToLine()));
    }

    [Fact]
    public async Task Perplexity_is_of_the_expected_tokens_alone()
    {
        await using var server = await GoldenServer.OpenAsync("gpt2", ModelTask.Generate);
        const string Prompt = "Hello there";
        const string Expected = " general, welcome";
        var (_, echo, _) = await server.PostAsync("/v1/completions", $$"""{"model":"tiny","prompt":"{{Prompt + Expected}}","max_tokens":0,"echo":true,"logprobs":0}""");
        var logProbs = echo.GetProperty("choices")[0].GetProperty("logprobs");
        var tokens = logProbs.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!).ToList();
        var first = Enumerable.Range(0, tokens.Count).First(i => string.Concat(tokens.Take(i)).Length >= Prompt.Length);
        var expected = Math.Exp(-logProbs.GetProperty("token_logprobs").EnumerateArray().Skip(first).Average(value => value.GetDouble()));

        var report = await RunAsync(EvaluationMetric.Perplexity, [new EvaluationCase { Prompt = Prompt, Expected = Expected }], server, server);
        Assert.Equal(expected, report.Score, 1e-6 * expected);
        Assert.Equal((report.Score, 1.0), (report.StableScore, report.Parity));
        Assert.True(expected > 1, expected.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Embeddings_are_compared_with_the_stable_revision()
    {
        await using var canary = await GoldenServer.OpenAsync("bert-mean", ModelTask.Embed);
        var cases = new[] { new EvaluationCase { Prompt = "a cat" }, new EvaluationCase { Prompt = "a dog" } };
        var report = await RunAsync(EvaluationMetric.Cosine, cases, canary, canary);
        Assert.Equal(1, report.Score, 1e-6);
        var e = await Assert.ThrowsAsync<EvaluationException>(() => RunAsync(EvaluationMetric.Cosine, cases, canary, null));
        Assert.Contains("no replica of the stable revision is ready", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labels_are_compared()
    {
        var (server, _) = await TestServer.EncodeAsync(ModelTask.Classify, 2, _ => [0.1f, 0.9f], labels: ["ham", "spam"]);
        await using var classifier = server;
        var report = await RunAsync(EvaluationMetric.ExactMatch, [new EvaluationCase { Prompt = "a", Expected = "spam" }, new EvaluationCase { Prompt = "b", Expected = "ham" }], classifier, null, ModelTask.Classify);
        Assert.Equal((0.5, null), (report.Score, report.StableScore));
    }

    [Theory]
    [InlineData(EvaluationMetric.ExactMatch, 0)]
    [InlineData(EvaluationMetric.Perplexity, Evaluator.WorstPerplexity)]
    public async Task A_case_that_is_answered_with_an_error_scores_nothing(EvaluationMetric metric, double score)
    {
        using var http = new HttpClient(new Failing(HttpStatusCode.BadRequest));
        var client = new RevisionClient(http, new Uri("http://127.0.0.1/"), "tiny", TimeProvider.System);
        var arguments = Arguments(metric, new Uri("http://127.0.0.1/"));
        var report = await new Evaluator(arguments, client, null).RunAsync([new EvaluationCase { Prompt = "a", Expected = "b" }], TestContext.Current.CancellationToken);
        Assert.Equal((score, 1), (report.Score, report.Unanswered));
    }

    [Fact]
    public async Task A_canary_that_cannot_be_reached_says_nothing_about_itself()
    {
        using var http = new HttpClient(new Failing(null));
        var client = new RevisionClient(http, new Uri("http://127.0.0.1/"), "tiny", TimeProvider.System);
        await Assert.ThrowsAsync<EvaluationException>(() => new Evaluator(Arguments(EvaluationMetric.F1, new Uri("http://127.0.0.1/")), client, null).RunAsync([new EvaluationCase { Prompt = "a", Expected = "b" }], TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("""[]""", "no cases")]
    [InlineData("""[{"expected":"b"}]""", "case 1 has no prompt")]
    [InlineData("""[{"prompt":"a","expected":"b"},{"prompt":"a"}]""", "case 2 has no expected answer")]
    [InlineData("""[{""", "--cases")]
    public void Malformed_cases_are_named(string cases, string problem) =>
        Assert.Contains(problem, Assert.Throws<EvaluationException>(() => GoldenSet.Read(Arguments(EvaluationMetric.F1, new Uri("http://127.0.0.1/")) with { Cases = cases })).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Files_hold_one_case_a_line()
    {
        var file = Path.GetTempFileName();
        try
        {
            var arguments = Arguments(EvaluationMetric.F1, new Uri("http://127.0.0.1/")) with { Golden = file };
            await File.WriteAllTextAsync(file, "{\"prompt\":\"a\",\"expected\":\"b\"}\n\n{\"prompt\":\"c\",\"expected\":\"d\"}\n", TestContext.Current.CancellationToken);
            Assert.Equal([("a", "b"), ("c", "d")], GoldenSet.Read(arguments).Select(found => (found.Prompt, found.Expected!)));
            await File.AppendAllTextAsync(file, "prompt: a\n", TestContext.Current.CancellationToken);
            Assert.Contains("line 4", Assert.Throws<EvaluationException>(() => GoldenSet.Read(arguments)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Task<EvaluationReport> RunAsync(EvaluationMetric metric, EvaluationCase[] cases, TestServer canary, TestServer? stable, ModelTask task = ModelTask.Generate)
    {
        var arguments = Arguments(metric, canary.Address) with { Task = task };
        return new Evaluator(arguments, Client(canary), stable is null ? null : Client(stable)).RunAsync(cases, TestContext.Current.CancellationToken);

        static RevisionClient Client(TestServer server) => new(server.Client, server.Address, "tiny", TimeProvider.System);
    }

    private static EvaluateArguments Arguments(EvaluationMetric metric, Uri canary) => new() { Name = "tiny", Task = ModelTask.Generate, Metric = metric, Canary = canary, MaxTokens = 8 };

    private sealed class Failing(HttpStatusCode? status) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            status is { } code ? Task.FromResult(new HttpResponseMessage(code)) : throw new HttpRequestException("refused");
    }
}
