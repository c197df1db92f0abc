using System.Text.Json;
using System.Text.Json.Serialization;

namespace AttentionOperator.Api.Runtime;

/// <summary>How far a fetch is: what <c>GET /fetch</c> of a pod that fetches its model answers.</summary>
/// <param name="Source">The uri, without credentials.</param>
/// <param name="State">What it is doing.</param>
/// <param name="DoneBytes">Bytes that are there, those of earlier tries included.</param>
/// <param name="TotalBytes">Bytes of all files; 0 = not known.</param>
/// <param name="DoneFiles">Files that are there.</param>
/// <param name="TotalFiles">All files; 0 = not known.</param>
public sealed record FetchProgress(string Source, FetchState State, long DoneBytes, long TotalBytes, int DoneFiles, int TotalFiles)
{
    /// <summary>Path on the port <c>http</c> of the pod.</summary>
    public const string Path = "/fetch";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <summary>Null where the text is no progress.</summary>
    public static FetchProgress? Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<FetchProgress>(json, Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
