using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Gateway.Admission;
using AttentionOperator.Gateway.Forwarding;

namespace AttentionOperator.Gateway.Peers;

/// <summary>
/// Each gateway holds its share of a tenant's bounds per minute. One that is about to refuse asks the others for what lies unused with them: they give it out of
/// their hands before they answer, so that the sum over all gateways is never more than the bound. An answer that is lost is lost to the tenant, never gained.
/// </summary>
internal sealed class PeerLoans(PeerDirectory peers, TenantBudgets budgets, InternalTokens tokens, GatewayTimings timings, TimeProvider time) : IDisposable
{
    public const string Path = "/loans";

    /// <summary>No namespace is called so.</summary>
    private const string TokenScope = "/gateways";
    private static readonly TimeSpan PauseAfterNothing = TimeSpan.FromSeconds(1);
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30) }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly ConcurrentDictionary<(string, string), DateTimeOffset> _askAgainAt = new();

    /// <summary>Asks for what the request lacks; true when something came.</summary>
    public async ValueTask<bool> BorrowAsync(Caller caller, long tokensNeeded, CancellationToken cancellation)
    {
        var others = peers.Others;
        var key = (caller.Scope, caller.Tenant);
        if (others.IsEmpty || tokens.HeaderFor(TokenScope) is not { } secret || (_askAgainAt.TryGetValue(key, out var at) && time.GetUtcNow() < at)) return false;
        var borrowed = false;
        foreach (var other in others)
        {
            var missing = budgets.Missing(caller, tokensNeeded);
            if (missing.IsEmpty) break;
            if (await AskAsync(other, secret, missing, cancellation) is not { IsEmpty: false } loan) continue;
            budgets.Receive(loan);
            borrowed = true;
        }

        if (borrowed) _askAgainAt.TryRemove(key, out _);
        else _askAgainAt[key] = time.GetUtcNow() + PauseAfterNothing;
        if (_askAgainAt.Count > 4096) _askAgainAt.Clear();
        return borrowed;
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Another gateway asks.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        if (!tokens.Holds(TokenScope, context.Request.Headers[HeaderNames.ContinuationToken].ToString()))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        Loan? asked;
        try
        {
            asked = await context.Request.ReadFromJsonAsync<Loan>(context.RequestAborted);
        }
        catch (JsonException)
        {
            asked = null;
        }

        if (asked is null) context.Response.StatusCode = StatusCodes.Status400BadRequest;
        else await context.Response.WriteAsJsonAsync(budgets.Lend(asked), context.RequestAborted);
    }

    private async Task<Loan?> AskAsync(Uri other, string secret, Loan missing, CancellationToken cancellation)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(timings.LoanPatience);
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(other, Path)) { Content = JsonContent.Create(missing) };
            request.Headers.TryAddWithoutValidation(HeaderNames.ContinuationToken, secret);
            using var response = await _client.SendAsync(request, limit.Token);
            return response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync<Loan>(limit.Token) : null;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }
}
