using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Faults;

/// <summary>Applies faults to requests, and the administrator's endpoint <c>/sandbox/faults</c> (POST a rule, DELETE all), <c>/sandbox/compact</c>, <c>/sandbox/drop-watches</c>.</summary>
internal sealed class FaultHandler(ApiServices services)
{
    public async Task<bool> TryAdministerAsync(HttpContext context, string path, RequestUser user)
    {
        if (!path.StartsWith("/sandbox/", StringComparison.Ordinal)) return false;
        if (!user.IsAdministrator) throw new ApiException(403, "Forbidden", "only the administrator may inject faults");
        switch (context.Request.Method, path)
        {
            case ("POST", "/sandbox/faults"):
                services.Faults.Add(Read(await RequestBody.ReadObjectAsync(context, []).ConfigureAwait(false)));
                break;
            case ("DELETE", "/sandbox/faults"):
                services.Faults.Clear();
                break;
            case ("POST", "/sandbox/compact"):
                services.Context.Store.Compact();
                break;
            case ("POST", "/sandbox/drop-watches"):
                services.Context.Store.EndWatches();
                break;
            default:
                throw ApiErrors.PathNotFound();
        }

        await HttpReplies.JsonAsync(context, 200, new JsonObject()).ConfigureAwait(false);
        return true;
    }

    /// <summary>True when the request is over.</summary>
    public async Task<bool> StrikeAsync(HttpContext context, string path, Func<Task> proceed)
    {
        var watch = context.Request.Query["watch"] is var flag && (flag == "true" || flag == "1");
        if (services.Faults.Take(context.Request.Method, path, watch) is not { } rule) return false;
        if (rule.Delay > TimeSpan.Zero) await Task.Delay(rule.Delay, services.Context.Clock, context.RequestAborted).ConfigureAwait(false);
        if (rule.Code is not null) throw FaultInjector.Error(rule);
        if (rule.Drop)
        {
            context.Abort();
            return true;
        }

        if (rule.Silent)
        {
            context.Response.ContentType = "application/json";
            await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, services.Stopping.Token);
            await Task.Delay(Timeout.InfiniteTimeSpan, either.Token).ConfigureAwait(false);
            return true;
        }

        if (!rule.DropAfter) return false;
        var original = context.Response.Body;
        context.Response.Body = Stream.Null;
        await proceed().ConfigureAwait(false);
        context.Response.Body = original;
        context.Abort();
        return true;
    }

    private static FaultRule Read(JsonObject json) => new()
    {
        Method = json.Text("method"),
        PathContains = json.Text("pathContains"),
        Watch = json.Flag("watch"),
        Times = json.ContainsKey("times") ? (int?)json.Integer("times") : 1,
        Code = (int?)json.Integer("code"),
        RetryAfterSeconds = (int?)json.Integer("retryAfterSeconds"),
        Delay = TimeSpan.FromMilliseconds(json.Integer("delayMilliseconds") ?? 0),
        Drop = json.Flag("drop") ?? false,
        Silent = json.Flag("silent") ?? false,
        DropAfter = json.Flag("dropAfter") ?? false,
    };
}
