using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;

namespace AttentionOperator.RuntimeBench;

/// <summary>How one sending of a request ended.</summary>
/// <param name="Status">HTTP status; 0 = the connection broke, or the stream ended without its mark.</param>
/// <param name="RetryAfter">What a refusal said.</param>
/// <param name="FirstByte">Seconds to the first event, or to the answer.</param>
/// <param name="Total">Seconds to the end.</param>
internal readonly record struct Attempt(int Status, TimeSpan? RetryAfter, double FirstByte, double Total)
{
    public bool Answered => Status == 200;

    public static async Task<Attempt> SendAsync(HttpClient client, WorkItem item, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, item.Path) { Content = new StringContent(item.Body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")) };
        request.Headers.Add("X-Attention-Priority", item.Priority);
        try
        {
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            var first = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var body = await answer.Content.ReadAsStringAsync(cancellation);
            var complete = !answer.IsSuccessStatusCode || !item.Streams || body.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal);
            return new Attempt(complete ? (int)answer.StatusCode : 0, answer.Headers.RetryAfter?.Delta, first, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new Attempt(0, null, 0, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
    }
}
