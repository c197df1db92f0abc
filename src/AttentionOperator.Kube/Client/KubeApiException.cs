using System.Net;
using System.Text.Json;

namespace AttentionOperator.Kube.Client;

/// <summary>An error answer of the API server, with the fields of its <c>Status</c> object.</summary>
public sealed class KubeApiException : Exception
{
    public KubeApiException(HttpStatusCode status, string reason, string message, IReadOnlyList<StatusCause>? causes = null)
        : base(message)
    {
        Status = status;
        Reason = reason;
        Causes = causes ?? [];
    }

    public HttpStatusCode Status { get; }

    /// <summary>The machine-readable reason: <c>Conflict</c>, <c>NotFound</c>, <c>Expired</c>; empty where the answer was no Status object.</summary>
    public string Reason { get; }

    public IReadOnlyList<StatusCause> Causes { get; }

    public bool IsNotFound => Status == HttpStatusCode.NotFound;

    public bool IsConflict => Status == HttpStatusCode.Conflict;

    /// <summary>The resource version or the continue token is too old; only a fresh list helps.</summary>
    public bool IsExpired => Status == HttpStatusCode.Gone || Reason is "Expired" or "Gone";

    internal static KubeApiException From(HttpStatusCode code, ReadOnlySpan<byte> body, string what)
    {
        string reason = "";
        string? message = null;
        List<StatusCause> causes = [];
        try
        {
            var reader = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref reader);
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object)
            {
                reason = Text(root, "reason") ?? "";
                message = Text(root, "message");
                if (root.TryGetProperty("code", out JsonElement number) && number.TryGetInt32(out int statusCode) && statusCode >= 400)
                {
                    code = (HttpStatusCode)statusCode;
                }

                if (root.TryGetProperty("details", out JsonElement details) && details.ValueKind == JsonValueKind.Object
                    && details.TryGetProperty("causes", out JsonElement list) && list.ValueKind == JsonValueKind.Array)
                {
                    foreach (JsonElement cause in list.EnumerateArray())
                    {
                        causes.Add(new StatusCause(Text(cause, "reason") ?? "", Text(cause, "field") ?? "", Text(cause, "message") ?? ""));
                    }
                }
            }
        }
        catch (JsonException)
        {
            // Proxies and load balancers answer in plain text; the code is all that can be relied on.
        }

        return new KubeApiException(code, reason, $"{what}: {(int)code} {(message ?? code.ToString())}", causes);
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
