using System.Text.Json;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Admission;

/// <summary>One question of the API server: may this AttentionModel be written?</summary>
/// <param name="Uid">Comes back in the answer.</param>
/// <param name="Namespace">Namespace of the model.</param>
/// <param name="Model">The model as it would be stored.</param>
/// <param name="Old">The stored one; null where it is new or cannot be read.</param>
internal sealed record AdmissionRequest(string Uid, string Namespace, AttentionModel Model, AttentionModel? Old)
{
    /// <summary>Reads an <c>admission.k8s.io/v1</c> review.</summary>
    /// <exception cref="JsonException">It is none, or its object is not an AttentionModel.</exception>
    public static AdmissionRequest Read(JsonElement review)
    {
        if (!review.TryGetProperty("request", out var request) || !request.TryGetProperty("uid", out var uid) || uid.ValueKind != JsonValueKind.String)
        {
            throw new JsonException("request.uid is missing: this is no AdmissionReview");
        }

        var model = request.TryGetProperty("object", out var value) && value.ValueKind == JsonValueKind.Object
            ? value.Deserialize<AttentionModel>(KubeJson.Options)!
            : throw new JsonException("request.object is missing; only CREATE and UPDATE are reviewed");
        var ns = request.TryGetProperty("namespace", out var given) ? given.GetString() ?? "" : "";
        model.Metadata.NamespaceProperty ??= ns;
        return new AdmissionRequest(uid.GetString()!, ns, model, ReadOld(request));
    }

    /// <summary>The uid of a review whose rest cannot be read; empty where there is none.</summary>
    public static string UidOf(JsonElement review) =>
        review.ValueKind == JsonValueKind.Object && review.TryGetProperty("request", out var request) && request.ValueKind == JsonValueKind.Object
        && request.TryGetProperty("uid", out var uid) && uid.ValueKind == JsonValueKind.String ? uid.GetString()! : "";

    private static AttentionModel? ReadOld(JsonElement request)
    {
        try
        {
            return request.TryGetProperty("oldObject", out var old) && old.ValueKind == JsonValueKind.Object ? old.Deserialize<AttentionModel>(KubeJson.Options) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
