using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Api;

/// <summary>Bearer tokens of service accounts: signed, with an expiry, and void once the account is gone.</summary>
internal sealed class ServiceAccountTokens(ApiServices services)
{
    private const string Issuer = "https://kubernetes.default.svc.cluster.local";
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    public (string Token, DateTimeOffset Expires) Issue(string ns, string name, string uid, long seconds)
    {
        var now = services.Context.Clock.GetUtcNow();
        var expires = now.AddSeconds(seconds);
        var head = Encode(new JsonObject { ["alg"] = "HS256", ["typ"] = "JWT" });
        var body = Encode(new JsonObject
        {
            ["iss"] = Issuer,
            ["aud"] = new JsonArray(Issuer),
            ["sub"] = $"system:serviceaccount:{ns}:{name}",
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["kubernetes.io"] = new JsonObject { ["namespace"] = ns, ["serviceaccount"] = new JsonObject { ["name"] = name, ["uid"] = uid } },
        });
        return ($"{head}.{body}.{Sign($"{head}.{body}")}", expires);
    }

    public RequestUser? Verify(string token)
    {
        if (token.Split('.') is not [var head, var body, var signature]) return null;
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign($"{head}.{body}")), Encoding.ASCII.GetBytes(signature))) return null;
        var claims = JsonReading.ParseObject(Base64Url.DecodeFromChars(body));
        if (claims.Integer("exp") < services.Context.Clock.GetUtcNow().ToUnixTimeSeconds()) return null;
        var ns = claims.At("kubernetes.io", "namespace").AsText() ?? "";
        var name = claims.At("kubernetes.io", "serviceaccount", "name").AsText() ?? "";
        var uid = claims.At("kubernetes.io", "serviceaccount", "uid").AsText();
        if (services.Context.Store.Find("/serviceaccounts", ns, name)?.Uid != uid) return null;
        return new RequestUser(claims.Text("sub")!, ["system:serviceaccounts", $"system:serviceaccounts:{ns}", "system:authenticated"], uid);
    }

    private string Sign(string text) => Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(text)));

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(JsonFormat.ToUtf8(json));
}
