using System.Security.Cryptography;
using System.Text;
using AttentionOperator.Gateway.Batches;
using AttentionOperator.Gateway.Errors;
using AttentionOperator.Gateway.Routing;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Gateway.Admission;

/// <summary>Decides by <c>spec.security</c> and the caller's key who may use a model.</summary>
internal sealed class Authenticator(ApiKeyStore store)
{
    private const string Scheme = "Bearer ";
    private const int MaxKeyLength = 512;

    /// <returns>The caller, or why it may not.</returns>
    public (Caller? Caller, GatewayError? Error) Check(HttpContext context, ModelRoute route)
    {
        if (route.Spec.Security?.ApiKeysSecretRef?.Name is not { Length: > 0 } name) return (Caller.Anonymous, null);
        var secret = new ObjectKey(route.Namespace, name);
        if (store.Get(secret) is not { } keys)
        {
            return (null, new GatewayError(503, "ApiKeysUnavailable", $"The API keys of the model '{route.Key}' are not known to the gateway. Its operator must create the Secret that spec.security.apiKeysSecretRef names, with the label {Api.Naming.LabelNames.ApiKeys}=true.", RetryAfter: TimeSpan.FromSeconds(30)));
        }

        if (BatchCalls.OwnerOf(context) is { } owner) return Check(owner, secret.ToString(), keys, route);
        var header = context.Request.Headers.Authorization.ToString();
        if (header.Length == 0) return (null, new GatewayError(401, "ApiKeyMissing", "The model needs an API key: send it as 'Authorization: Bearer <key>'."));
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || header.Length - Scheme.Length is 0 or > MaxKeyLength || keys.Find(SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..]))) is not { } key)
        {
            return (null, new GatewayError(401, "ApiKeyInvalid", "The API key is not known. Send a valid one as 'Authorization: Bearer <key>'."));
        }

        return Check(key, secret.ToString(), keys, route);
    }

    /// <summary>A batch has the rights that its key has now.</summary>
    private static (Caller? Caller, GatewayError? Error) Check(BatchOwner owner, string scope, ApiKeySet keys, ModelRoute route) => owner.Scope == scope && keys.Keys.FirstOrDefault(k => k.Id == owner.KeyId && k.Tenant == owner.Tenant) is { } key
        ? Check(key, scope, keys, route)
        : (null, new GatewayError(401, "ApiKeyInvalid", "The API key that the batch was made with is not one of the model's, or not any more."));

    private static (Caller? Caller, GatewayError? Error) Check(ApiKey key, string scope, ApiKeySet keys, ModelRoute route) => key.MayUse(route.Key)
        ? (new Caller(scope, key.Tenant, key.Id, key.Class, key.Class, keys.LimitsOf(key.Tenant)), null)
        : (null, new GatewayError(403, "ModelForbidden", $"The API key '{key.Id}' may not use the model '{route.Key}'.", "model"));
}
