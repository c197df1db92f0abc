using System.Text.Json;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Certificates;

/// <summary>A cluster-scoped object that tells the API server whom to trust when it calls this operator: an APIService, a webhook configuration.</summary>
/// <param name="Resource">Its kind.</param>
/// <param name="Name">Its name.</param>
/// <param name="Patch">
/// From the live object and the trust bundle: what to apply (apiVersion, kind, name and the caBundle fields alone), or null where the live object says so already or
/// leads to somebody else's Service, which is left alone.
/// </param>
internal sealed record CaBundleTarget(ResourceKind Resource, string Name, Func<JsonElement, byte[], byte[]?> Patch);
