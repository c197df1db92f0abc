using System.Text.Json.Nodes;

namespace AttentionOperator.Packaging.Tests.Manifests;

/// <summary>A pod, or the template of some, in a manifest.</summary>
internal sealed record PodOfManifest(string Owner, JsonNode Spec);
