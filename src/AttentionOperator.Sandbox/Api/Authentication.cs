using System.Security.Cryptography;
using System.Text;

namespace AttentionOperator.Sandbox.Api;

/// <summary>Bearer tokens: the administrator's. Without a configured token every local client is the administrator.</summary>
internal sealed class Authentication(ApiServices services, SandboxApiServerOptions options)
{
    private readonly byte[]? _token = options.Token is { } token ? Encoding.UTF8.GetBytes(token) : null;

    public RequestUser Authenticate(HttpContext context)
    {
        _ = services;
        var header = context.Request.Headers.Authorization.ToString();
        var bearer = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim() : "";
        if (_token is null) return RequestUser.Administrator;
        if (bearer.Length == 0) throw ApiErrors.Unauthorized();
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(bearer), _token) ? RequestUser.Administrator : throw ApiErrors.Unauthorized();
    }
}
