using System.Security.Cryptography;
using System.Text;
using AttentionOperator.Gateway.Admission;
using AttentionOperator.Gateway.Errors;

namespace AttentionOperator.Gateway.Batches;

/// <summary>Whose files and batches they are: the tenant of an API key, or nobody in particular, who can ask open models only. The key itself is not kept.</summary>
/// <param name="Scope">Secret of the key; empty = nobody in particular.</param>
/// <param name="Tenant">Tenant.</param>
/// <param name="KeyId">The key that a batch was made with: it runs with that key's rights while there is one.</param>
internal sealed record BatchOwner(string Scope, string Tenant, string KeyId)
{
    private const string Scheme = "Bearer ";

    public bool Owns(BatchOwner other) => (Scope, Tenant) == (other.Scope, other.Tenant);

    public static (BatchOwner? Owner, GatewayError? Error) Of(HttpContext context, ApiKeyStore keys)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.Length == 0) return (new BatchOwner("", "", ""), null);
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && keys.Find(SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..]))) is var (scope, key)
            ? (new BatchOwner(scope, key.Tenant, key.Id), null)
            : (null, new GatewayError(401, "ApiKeyInvalid", "The API key is not known. Send a valid one as 'Authorization: Bearer <key>'."));
    }
}
