using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Builtins;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Storage;

namespace AttentionOperator.Sandbox.Operations;

/// <summary>Between the served and the stored form: custom resources convert by apiVersion alone (strategy None), events by their fields.</summary>
internal static class VersionConversion
{
    public static JsonObject ToStorage(ResourceDefinition resource, JsonObject obj) =>
        EventForms.IsNewEvent(resource) ? EventForms.ToCore(obj) : obj;

    public static JsonObject FromStorage(ResourceDefinition resource, JsonObject obj)
    {
        if (EventForms.IsNewEvent(resource)) return EventForms.FromCore(obj);
        if (obj.Text("apiVersion") != resource.ApiVersion) obj["apiVersion"] = resource.ApiVersion;
        return obj;
    }

    /// <summary>The bytes to serve; the stored ones where the form is the same.</summary>
    public static byte[] Serve(ResourceDefinition resource, StoredObject stored)
    {
        if (!EventForms.IsNewEvent(resource) && (!resource.IsCustom || IsStoredVersion(resource, stored))) return stored.Utf8;
        return JsonFormat.ToUtf8(FromStorage(resource, stored.Parse()));
    }

    private static bool IsStoredVersion(ResourceDefinition resource, StoredObject stored)
    {
        // Objects start with apiVersion, so the common case is decided without parsing.
        var prefix = System.Text.Encoding.UTF8.GetBytes($"{{\"apiVersion\":\"{resource.ApiVersion}\"");
        return stored.Utf8.AsSpan().StartsWith(prefix);
    }
}
