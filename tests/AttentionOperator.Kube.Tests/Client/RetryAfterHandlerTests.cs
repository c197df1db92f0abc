using System.Net;
using System.Net.Http.Headers;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Kube.Tests.Client;

public sealed class RetryAfterHandlerTests
{
    private readonly FakeTimeProvider clock = new();
    private readonly Queue<HttpResponseMessage> answers = new();
    private readonly List<string> bodies = [];

    [Fact]
    public async Task TooManyRequests_IsRepeatedAfterTheAskedTime_WithItsBody()
    {
        answers.Enqueue(Answer(HttpStatusCode.TooManyRequests, 3));
        answers.Enqueue(Answer(HttpStatusCode.OK));
        long start = clock.GetTimestamp();
        Task<HttpResponseMessage> sent = SendAsync(HttpMethod.Post, "body");
        await clock.AdvanceUntilAsync(sent, TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await sent).StatusCode);
        Assert.Equal(["body", "body"], bodies);
        Assert.InRange(clock.GetElapsedTime(start), TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task ServerErrorWithoutRetryAfter_IsLeftToTheReconciler()
    {
        answers.Enqueue(Answer(HttpStatusCode.InternalServerError));
        Assert.Equal(HttpStatusCode.InternalServerError, (await SendAsync(HttpMethod.Post, "body")).StatusCode);
        Assert.Single(bodies);
    }

    [Fact]
    public async Task ServerUnavailableForever_EndsAfterItsRepeats()
    {
        for (int i = 0; i < 10; i++)
        {
            answers.Enqueue(Answer(HttpStatusCode.ServiceUnavailable, 0));
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await SendAsync(HttpMethod.Get, null)).StatusCode);
        Assert.Equal(4, bodies.Count);
    }

    [Theory]
    [InlineData(429, null, 1.0)]
    [InlineData(429, 7, 7.0)]
    [InlineData(429, 86400, 60.0)]
    [InlineData(503, 2, 2.0)]
    [InlineData(503, null, null)]
    [InlineData(409, 2, null)]
    [InlineData(200, 2, null)]
    public void DelayFor_FollowsTheServerWithinReason(int status, int? retryAfter, double? seconds) =>
        Assert.Equal(seconds, RetryAfterHandler.DelayFor(Answer((HttpStatusCode)status, retryAfter), clock.GetUtcNow())?.TotalSeconds);

    [Fact]
    public void DelayFor_Date_CountsFromNow()
    {
        HttpResponseMessage response = Answer(HttpStatusCode.TooManyRequests);
        response.Headers.RetryAfter = new RetryConditionHeaderValue(clock.GetUtcNow().AddSeconds(9));
        Assert.Equal(TimeSpan.FromSeconds(9), RetryAfterHandler.DelayFor(response, clock.GetUtcNow()));
    }

    private static HttpResponseMessage Answer(HttpStatusCode status, int? retryAfter = null)
    {
        var response = new HttpResponseMessage(status);
        if (retryAfter is { } seconds)
        {
            response.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(seconds));
        }

        return response;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string? body)
    {
        using var client = new HttpClient(new RetryAfterHandler(3, clock) { InnerHandler = new Script(this) });
        using var request = new HttpRequestMessage(method, "http://kube/") { Content = body is null ? null : new StringContent(body) };
        return await client.SendAsync(request);
    }

    private sealed class Script(RetryAfterHandlerTests test) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            test.bodies.Add(request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken));
            return test.answers.Dequeue();
        }
    }
}
