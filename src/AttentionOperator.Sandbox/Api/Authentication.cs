using System.Security.Cryptography;
using System.Text;

namespace AttentionOperator.Sandbox.Api;

/// <summary>Bearer tokens: the administrator's and those of service accounts. Without a configured token everyone else is the administrator.</summary>
internal sealed class Authentication(ApiServices services, SandboxApiServerOptions options)
{
    private readonly byte[]? _token = options.Token is { } token ? Encoding.UTF8.GetBytes(token) : null;

    public RequestUser Authenticate(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        var bearer = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim() : "";
        if (bearer.Length > 0 && services.Tokens.Verify(bearer, []) is { } account) return account.User;
        // An own token that no longer holds is refused even where everyone is let in: its holder is not the administrator.
        if (_token is null) return ServiceAccountTokens.IsOne(bearer) ? throw ApiErrors.Unauthorized() : RequestUser.Administrator;
        return bearer.Length > 0 && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(bearer), _token) ? RequestUser.Administrator : throw ApiErrors.Unauthorized();
    }
}
