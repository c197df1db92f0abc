using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Api;

/// <summary>Bearer tokens of service accounts: signed, with an expiry, and void once the account or the pod that they are bound to is gone.</summary>
internal sealed class ServiceAccountTokens(ApiServices services, string? dataDirectory)
{
    /// <summary>Issuer, and the audience of tokens for the API server itself.</summary>
    public const string Issuer = "https://kubernetes.default.svc.cluster.local";

    private const int KeyBytes = 32;
    private static readonly string Head = Encode(new JsonObject { ["alg"] = "HS256", ["typ"] = "JWT" });
    private readonly byte[] _key = SigningKey(dataDirectory);

    /// <param name="pod">The pod that the token ends with.</param>
    public (string Token, DateTimeOffset Expires) Issue(string ns, string name, string uid, long seconds, IReadOnlyList<string> audiences, (string Name, string Uid)? pod)
    {
        var now = services.Context.Clock.GetUtcNow();
        var expires = now.AddSeconds(seconds);
        var bound = new JsonObject { ["namespace"] = ns, ["serviceaccount"] = new JsonObject { ["name"] = name, ["uid"] = uid } };
        if (pod is { } holder) bound["pod"] = new JsonObject { ["name"] = holder.Name, ["uid"] = holder.Uid };
        var head = Head;
        var body = Encode(new JsonObject
        {
            ["iss"] = Issuer,
            ["aud"] = new JsonArray([.. audiences.Select(a => (JsonNode)JsonValue.Create(a))]),
            ["sub"] = $"system:serviceaccount:{ns}:{name}",
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["kubernetes.io"] = bound,
        });
        return ($"{head}.{body}.{Sign($"{head}.{body}")}", expires);
    }

    /// <summary>Whether this has the form of a service account's token, valid or not.</summary>
    public static bool IsOne(string bearer) => bearer.StartsWith(Head, StringComparison.Ordinal) && bearer.Count(c => c == '.') == 2;

    /// <param name="audiences">What the token must be for, one of them; none for the API server itself.</param>
    public VerifiedToken? Verify(string token, IReadOnlyList<string> audiences)
    {
        if (token.Split('.') is not [var head, var body, var signature]) return null;
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Sign($"{head}.{body}")), Encoding.UTF8.GetBytes(signature))) return null;
        var claims = JsonReading.ParseObject(Base64Url.DecodeFromChars(body));
        if (claims.Integer("exp") <= services.Context.Clock.GetUtcNow().ToUnixTimeSeconds()) return null;
        if (audiences.Count == 0) audiences = [Issuer];
        var shared = audiences.Where(a => claims.Array("aud")?.Any(c => c.AsText() == a) == true).ToList();
        if (shared.Count == 0) return null;
        var bound = claims.Object("kubernetes.io");
        var ns = bound.Text("namespace") ?? "";
        var uid = bound.Object("serviceaccount").Text("uid");
        if (services.Context.Store.Find("/serviceaccounts", ns, bound.Object("serviceaccount").Text("name") ?? "")?.Uid != uid) return null;
        if (bound.Object("pod") is { } pod && services.Context.Store.Find("/pods", ns, pod.Text("name") ?? "")?.Uid != pod.Text("uid")) return null;
        return new VerifiedToken(new RequestUser(claims.Text("sub")!, ["system:serviceaccounts", $"system:serviceaccounts:{ns}", "system:authenticated"], uid), shared);
    }

    /// <summary>Kept with the objects, so that tokens outlive a restart as the accounts do.</summary>
    private static byte[] SigningKey(string? directory)
    {
        if (directory is null) return RandomNumberGenerator.GetBytes(KeyBytes);
        var path = Path.Combine(directory, "service-account.key");
        if (File.Exists(path) && File.ReadAllBytes(path) is { Length: KeyBytes } kept) return kept;
        var key = RandomNumberGenerator.GetBytes(KeyBytes);
        var temporary = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(temporary, options))
        {
            stream.Write(key);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        return key;
    }

    private string Sign(string text) => Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)));

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(JsonFormat.ToUtf8(json));
}
