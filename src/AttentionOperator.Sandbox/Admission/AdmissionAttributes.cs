using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Discovery;

namespace AttentionOperator.Sandbox.Admission;

/// <summary>One write on its way through admission. Plugins change <see cref="Object"/>.</summary>
internal sealed class AdmissionAttributes
{
    public required ResourceDefinition Resource { get; init; }

    public string Subresource { get; init; } = "";

    /// <summary>CREATE, UPDATE, DELETE or CONNECT.</summary>
    public required string Operation { get; init; }

    public string Namespace { get; init; } = "";

    public string Name { get; init; } = "";

    public JsonObject? Object { get; set; }

    public JsonObject? OldObject { get; init; }

    public required WriteOptions Options { get; init; }

    /// <summary>The request's own options object, as reviews carry it.</summary>
    public JsonObject? OptionsObject { get; init; }
}
