using System.Net;
using System.Text;

namespace AttentionOperator.Tests.Slo.Sources;

/// <summary>Answers requests as a test says.</summary>
internal sealed class ScriptedHandler(Func<Uri, string?> answer) : HttpMessageHandler
{
    public List<Uri> Asked { get; } = [];

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        lock (Asked)
        {
            Asked.Add(request.RequestUri!);
        }

        return answer(request.RequestUri!) is { } body
            ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "application/json") })
            : Task.FromException<HttpResponseMessage>(new HttpRequestException("connection refused"));
    }
}
