using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Operations;
using AttentionOperator.Sandbox.Tables;

namespace AttentionOperator.Sandbox.Api;

/// <summary>Writes a list by copying the stored bytes of its items.</summary>
internal static class ListWriter
{
    public static async Task WriteAsync(HttpContext context, ResourceDefinition resource, ListPage page, bool metadataOnly)
    {
        var head = new JsonObject
        {
            ["kind"] = metadataOnly ? "PartialObjectMetadataList" : resource.ListKind,
            ["apiVersion"] = metadataOnly ? "meta.k8s.io/v1" : resource.ApiVersion,
            ["metadata"] = Meta(page),
        };
        context.Response.ContentType = "application/json";
        var body = context.Response.BodyWriter;
        var start = JsonFormat.ToText(head);
        Write(body, Encoding.UTF8.GetBytes(string.Concat(start.AsSpan(0, start.Length - 1), ",\"items\":[")));
        var unflushed = 0;
        for (var i = 0; i < page.Items.Count; i++)
        {
            if (i > 0) Write(body, ","u8);
            var bytes = metadataOnly ? JsonFormat.ToUtf8(PartialMetadata.Of(page.Items[i].Parse())) : VersionConversion.Serve(resource, page.Items[i]);
            Write(body, bytes);
            unflushed += bytes.Length;
            if (unflushed < 256 * 1024) continue;
            await body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            unflushed = 0;
        }

        Write(body, "]}"u8);
        await body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    internal static JsonObject Meta(ListPage page)
    {
        var meta = new JsonObject { ["resourceVersion"] = page.Version.ToString(CultureInfo.InvariantCulture) };
        if (page.Continue is not null) meta["continue"] = page.Continue;
        if (page.Remaining is { } remaining) meta["remainingItemCount"] = remaining;
        return meta;
    }

    private static void Write(System.IO.Pipelines.PipeWriter writer, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(writer.GetSpan(bytes.Length));
        writer.Advance(bytes.Length);
    }
}
