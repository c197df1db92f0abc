using System.Diagnostics;
using System.Net;
using AttentionOperator.Gateway.Balancing;
using AttentionOperator.Gateway.Errors;
using AttentionOperator.Gateway.Requests;
using AttentionOperator.Gateway.Routing;
using AttentionOperator.Gateway.Slis;
using Yarp.ReverseProxy.Forwarder;

namespace AttentionOperator.Gateway.Forwarding;

/// <summary>Sends a request to an endpoint of its revision, and to another one when the first did no work on it.</summary>
internal sealed partial class RequestForwarder(IHttpForwarder forwarder, HttpMessageInvoker client, TimeProvider time, ILogger<RequestForwarder> logger)
{
    private const int MaxAttempts = 3;

    // A long answer that is not streamed sends nothing for as long as it takes to generate.
    private static readonly ForwarderRequestConfig Config = new() { ActivityTimeout = TimeSpan.FromMinutes(30), Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

    /// <returns>How it ended; null where it says nothing about the revision (the caller's fault, or the caller left).</returns>
    public async Task<RequestOutcome?> SendAsync(HttpContext context, ModelRoute route, RevisionRoute revision, BufferedBody body, long estimatedTokens)
    {
        var startedAt = time.GetTimestamp();
        var tried = new List<RuntimeEndpoint>(MaxAttempts);
        while (true)
        {
            if (EndpointPicker.Pick(revision.Endpoints, tried) is not { } endpoint) return await RefuseAsync(context, route, startedAt);
            tried.Add(endpoint);
            var mayRetry = tried.Count < Math.Min(MaxAttempts, revision.Endpoints.Length);
            var attempt = new ForwardTransformer(route.Name, revision.Revision, mayRetry, time, startedAt);
            using var stream = body.OpenRead();
            context.Request.Body = stream;
            endpoint.Begin(estimatedTokens);
            ForwarderError error;
            try
            {
                error = await forwarder.SendAsync(context, endpoint.Prefix, client, Config, attempt, context.RequestAborted);
            }
            finally
            {
                endpoint.End(estimatedTokens);
            }

            if (context.RequestAborted.IsCancellationRequested || attempt.Stream == StreamOutcome.ClientGone) return null;
            if (attempt.Refused || (NeverAnswered(error) && !context.Response.HasStarted))
            {
                LogRetry(logger, route.Namespace, route.Name, revision.Revision, endpoint.Pod, attempt.Refused ? "refused" : error.ToString(), tried.Count);
                context.Response.Clear();
                if (mayRetry) continue;
                return await RefuseAsync(context, route, startedAt);
            }

            return Outcome(error, attempt, time.GetElapsedTime(startedAt));
        }
    }

    /// <summary>The connection failed or ended before a status line came back: nothing of an answer exists, so another endpoint may give it.</summary>
    private static bool NeverAnswered(ForwarderError error) => error is ForwarderError.Request or ForwarderError.RequestTimedOut;

    private static RequestOutcome? Outcome(ForwarderError error, ForwardTransformer attempt, TimeSpan duration)
    {
        if (attempt.Status is >= 400 and < 500) return null;
        var failed = error != ForwarderError.None || attempt.Status >= 500 || attempt.Stream is StreamOutcome.Broken or StreamOutcome.Error;
        return new RequestOutcome(failed, duration, attempt.TimeToFirstToken, OutputTokens: attempt.StreamEvents);
    }

    private async Task<RequestOutcome?> RefuseAsync(HttpContext context, ModelRoute route, long startedAt)
    {
        await new GatewayError(503, "NoReplicaAnswered", $"No replica of the model '{route.Namespace}/{route.Name}' took the request. Try again.", RetryAfter: TimeSpan.FromSeconds(1)).WriteAsync(context);
        return new RequestOutcome(Failed: true, time.GetElapsedTime(startedAt));
    }

    [LoggerMessage(1, LogLevel.Warning, "Attempt {Attempt} for {Namespace}/{Model} revision {Revision} on pod {Pod} failed: {Error}")]
    private static partial void LogRetry(ILogger logger, string @namespace, string model, string revision, string pod, string error, int attempt);
}
