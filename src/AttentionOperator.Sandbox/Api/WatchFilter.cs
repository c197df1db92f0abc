using System.Globalization;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Operations;
using AttentionOperator.Sandbox.Storage;
using AttentionOperator.Sandbox.Tables;

namespace AttentionOperator.Sandbox.Api;

/// <summary>Turns records into the lines of one watch: what enters the selection is ADDED, what leaves it DELETED.</summary>
internal sealed class WatchFilter(ResourceDefinition resource, string? ns, Selectors selectors, string? tableIncludes, bool metadataOnly, TimeProvider clock)
{
    private bool _columnsSent;

    public string? Namespace => ns;

    public byte[]? Initial(StoredObject obj) => selectors.Matches(obj) ? Event("ADDED", obj) : null;

    public byte[]? Change(WatchRecord record)
    {
        if (ns is not null && record.Object.Namespace != ns) return null;
        var before = record.Previous is { } previous && selectors.Matches(previous);
        var after = record.Kind != ChangeKind.Deleted && selectors.Matches(record.Object);
        return (before, after) switch
        {
            (false, true) => Event("ADDED", record.Object),
            (true, true) => Event("MODIFIED", record.Object),
            (true, false) => Event("DELETED", record.Kind == ChangeKind.Deleted ? record.Object : Left(record)),
            _ => null,
        };
    }

    public byte[] Bookmark(long version, bool initialEventsEnd)
    {
        var meta = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture), ["creationTimestamp"] = null };
        if (initialEventsEnd) meta["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        if (tableIncludes is not null)
            return Line("BOOKMARK", JsonFormat.ToUtf8(new JsonObject { ["kind"] = "Table", ["apiVersion"] = "meta.k8s.io/v1", ["metadata"] = meta, ["columnDefinitions"] = null, ["rows"] = new JsonArray() }));
        return Line("BOOKMARK", JsonFormat.ToUtf8(new JsonObject
        {
            ["kind"] = metadataOnly ? "PartialObjectMetadata" : resource.Kind,
            ["apiVersion"] = metadataOnly ? "meta.k8s.io/v1" : resource.ApiVersion,
            ["metadata"] = meta,
        }));
    }

    public static byte[] Line(string type, ReadOnlySpan<byte> obj)
    {
        var head = System.Text.Encoding.ASCII.GetBytes($"{{\"type\":\"{type}\",\"object\":");
        var line = new byte[head.Length + obj.Length + 2];
        head.CopyTo(line, 0);
        obj.CopyTo(line.AsSpan(head.Length));
        line[^2] = (byte)'}';
        line[^1] = (byte)'\n';
        return line;
    }

    private byte[] Event(string type, StoredObject obj)
    {
        if (tableIncludes is not null)
        {
            var table = TableBuilder.Single(resource, obj, tableIncludes, clock.GetUtcNow(), withColumns: !_columnsSent);
            _columnsSent = true;
            return Line(type, JsonFormat.ToUtf8(table));
        }

        return Line(type, metadataOnly ? JsonFormat.ToUtf8(PartialMetadata.Of(obj.Parse())) : VersionConversion.Serve(resource, obj));
    }

    /// <summary>An object that no longer matches is reported as it was, with the version of the change.</summary>
    private StoredObject Left(WatchRecord record)
    {
        var previous = VersionConversion.ToStorage(resource, VersionConversion.FromStorage(resource, record.Previous!.Parse()));
        return StoredObject.From(previous, record.Version, resource.StoredFields);
    }
}
