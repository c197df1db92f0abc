using System.Globalization;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Authorization;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Operations;

namespace AttentionOperator.Sandbox.Api;

/// <summary>Subresources that exchange another kind than their resource's: scale, log, binding, eviction, token.</summary>
internal sealed class SubresourceHandler(ApiServices services)
{
    private readonly ScaleSubresource _scale = new(services);
    private readonly ReviewHandler _reviews = new(services);
    private readonly PodSubresources _pods = new(services);

    public async Task<bool> TryHandleAsync(HttpContext context, ResourceDefinition resource, RequestInfo info, RequestUser user)
    {
        switch (info.Subresource)
        {
            case "scale" when resource.Scale is not null:
                await _scale.HandleAsync(context, resource, info, user).ConfigureAwait(false);
                return true;
            case "log" when resource.StorageKey == "/pods":
                await _pods.LogAsync(context, resource, info).ConfigureAwait(false);
                return true;
            case "binding" when resource.StorageKey == "/pods":
                await _pods.BindAsync(context, resource, info, user).ConfigureAwait(false);
                return true;
            case "eviction" when resource.StorageKey == "/pods":
                await _pods.EvictAsync(context, resource, info, user).ConfigureAwait(false);
                return true;
            case "token" when resource.StorageKey == "/serviceaccounts":
                await _reviews.TokenAsync(context, resource, info, user).ConfigureAwait(false);
                return true;
            default:
                return false;
        }
    }

    internal static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
