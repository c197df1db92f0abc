using System.Security.Cryptography;
using System.Text;

namespace AttentionOperator.Gateway.Forwarding;

/// <summary>
/// Names tenants to runtimes, so that one cannot see by the time of an answer what another has asked: a keyed hash, which nobody who knows the tenant's
/// name can guess. Without a shared secret every gateway has a key of its own; then its replicas share less of the cache.
/// </summary>
internal sealed class TenantNamespaces(InternalToken token)
{
    private const int Bytes = 16;
    private readonly byte[] key = token.Value is { } secret ? SHA256.HashData(Encoding.UTF8.GetBytes("cache-namespace\n" + secret)) : RandomNumberGenerator.GetBytes(32);

    /// <summary>Null for callers without a tenant.</summary>
    public string? Of(string tenant)
    {
        if (tenant.Length == 0) return null;
        Span<byte> digest = stackalloc byte[32];
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(tenant), digest);
        return Convert.ToHexStringLower(digest[..Bytes]);
    }
}
