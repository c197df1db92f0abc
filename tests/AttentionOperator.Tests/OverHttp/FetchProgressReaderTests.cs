using System.Net;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;
using k8s.Models;

namespace AttentionOperator.Tests.OverHttp;

public sealed class FetchProgressReaderTests
{
    private static readonly ObjectKey Model = new("default", "chat");

    [Fact]
    public async Task A_pass_takes_what_was_answered_last_and_hears_only_of_changes()
    {
        var progress = new FetchProgress("hf://org/model", FetchState.Downloading, 1, 10, 0, 2);
        var reader = new FetchProgressReader(new HttpClient(new Answers(_ => progress.ToJson())), TimeProvider.System);
        var changes = 0;
        reader.Changed += _ => changes++;
        Assert.Empty(reader.Observe(Model, [Pod("a")]));
        await reader.LookAsync(default);
        await reader.LookAsync(default);
        Assert.Equal((1, progress), (changes, reader.Observe(Model, [Pod("a")])["a"]));
        progress = progress with { DoneBytes = 5 };
        await reader.LookAsync(default);
        Assert.Equal((2, 5), (changes, reader.Observe(Model, [Pod("a")])["a"].DoneBytes));
    }

    [Fact]
    public async Task What_fetches_no_more_is_not_asked_and_who_does_not_answer_is_left_out()
    {
        var asked = new List<string>();
        var reader = new FetchProgressReader(
            new HttpClient(new Answers(uri =>
            {
                asked.Add(uri.Host);
                return uri.Host == "10.0.0.2" ? "no progress" : throw new HttpRequestException("refused");
            })),
            TimeProvider.System);
        reader.Observe(Model, [Pod("a", "10.0.0.1"), Pod("b", "10.0.0.2")]);
        await reader.LookAsync(default);
        Assert.Equal(["10.0.0.1", "10.0.0.2"], asked.Order(StringComparer.Ordinal));
        Assert.Empty(reader.Observe(Model, []));
        await reader.LookAsync(default);
        Assert.Equal(2, asked.Count);
    }

    private static V1Pod Pod(string name, string address = "10.0.0.1") => new() { Metadata = new V1ObjectMeta { Name = name }, Status = new V1PodStatus { PodIP = address } };

    private sealed class Answers(Func<Uri, string> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal(FetchProgress.Path, request.RequestUri!.AbsolutePath);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(answer(request.RequestUri)) });
        }
    }
}
