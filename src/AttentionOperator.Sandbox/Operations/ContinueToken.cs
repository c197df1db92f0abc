using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Operations;

/// <summary>Where the next page starts, and at which version; a negative version asks for the latest.</summary>
internal sealed record ContinueToken(long Version, string Start)
{
    public override string ToString() => Convert.ToBase64String(Encoding.UTF8.GetBytes(
        JsonFormat.ToText(new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = Version, ["start"] = Start }))).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    public static ContinueToken Parse(string text)
    {
        try
        {
            var base64 = text.Replace('-', '+').Replace('_', '/');
            var json = JsonReading.ParseObject(Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '=')));
            if (json.Integer("rv") is { } version && json.Text("start") is { } start) return new ContinueToken(version, start);
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
        }

        throw ApiErrors.BadRequest("continue key is not valid: the token could not be decoded");
    }
}
