using AttentionOperator.Gateway.Admission;
using AttentionOperator.Gateway.Errors;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace AttentionOperator.Gateway.Batches;

/// <summary><c>/v1/files</c> as batches need it: upload (purpose <c>batch</c>), list, look at, read and delete.</summary>
internal sealed class FilesEndpoint(FileStore files, ApiKeyStore keys, BatchOptions options)
{
    public const string Root = "/v1/files";

    public async Task HandleAsync(HttpContext context)
    {
        var (owner, error) = BatchOwner.Of(context, keys);
        error ??= await AnswerAsync(context, owner!);
        if (error is not null) await error.WriteAsync(context);
    }

    private async Task<GatewayError?> AnswerAsync(HttpContext context, BatchOwner owner)
    {
        var (method, rest) = (context.Request.Method, context.Request.Path.Value![Root.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries));
        if (rest.Length == 0 && HttpMethods.IsPost(method)) return await UploadAsync(context, owner);
        if (rest.Length == 0 && HttpMethods.IsGet(method))
        {
            var data = files.All().Where(f => f.Owner.Owns(owner)).OrderByDescending(f => f.CreatedAt).Select(f => f.ToAnswer()).ToList();
            await context.Response.WriteAsJsonAsync(new { @object = "list", data, has_more = false }, BatchJson.Options, context.RequestAborted);
            return null;
        }

        if (rest.Length is 0 or > 2 || files.Find(rest[0], owner) is not { } file) return new GatewayError(404, "FileNotFound", "There is no such file of this caller.", "id");
        if (rest.Length == 2)
        {
            if (rest[1] != "content" || !HttpMethods.IsGet(method)) return new GatewayError(404, "PathNotFound", $"GET {Root}/{{id}}/content gives a file's content.");
            context.Response.ContentType = "application/jsonl";
            await context.Response.SendFileAsync(files.ContentPath(file.Id), context.RequestAborted);
            return null;
        }

        if (HttpMethods.IsDelete(method))
        {
            files.Delete(file);
            await context.Response.WriteAsJsonAsync(new { id = file.Id, @object = "file", deleted = true }, BatchJson.Options, context.RequestAborted);
            return null;
        }

        if (!HttpMethods.IsGet(method)) return new GatewayError(405, "MethodNotAllowed", "GET or DELETE is expected.");
        await context.Response.WriteAsJsonAsync(file.ToAnswer(), BatchJson.Options, context.RequestAborted);
        return null;
    }

    private async Task<GatewayError?> UploadAsync(HttpContext context, BatchOwner owner)
    {
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase) || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= 70 } boundary)
        {
            return new GatewayError(400, "MalformedUpload", "A multipart/form-data body with the fields 'purpose' and 'file' is expected.");
        }

        if (!files.HasRoom(context.Request.ContentLength ?? options.MaxFileBytes)) return new GatewayError(503, "FilesFull", "There is no room for more files now. Delete files that are not needed any more.", RetryAfter: TimeSpan.FromMinutes(10));
        var reader = new MultipartReader(boundary.ToString(), context.Request.Body);
        string? purpose = null, name = null, path = null;
        try
        {
            while (await reader.ReadNextSectionAsync(context.RequestAborted) is { } section)
            {
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)) continue;
                if (disposition.IsFileDisposition() && path is null)
                {
                    (name, path) = (disposition.FileName.Value ?? "batch.jsonl", files.NewPath());
                    if (!await CopyAsync(section.Body, path, context.RequestAborted)) return new GatewayError(413, "FileTooLarge", $"The file is larger than {options.MaxFileBytes} bytes.", "file");
                }
                else if (disposition.IsFormDisposition() && disposition.Name == "purpose")
                {
                    using var text = new StreamReader(section.Body);
                    purpose = await text.ReadToEndAsync(context.RequestAborted);
                }
            }

            if (purpose != "batch") return new GatewayError(400, "MalformedUpload", "The field 'purpose' must be 'batch'.", "purpose");
            if (path is null) return new GatewayError(400, "MalformedUpload", "The field 'file' is missing.", "file");
            var file = files.Add(path, name!.Length <= 255 ? name : name[..255], purpose, owner);
            await context.Response.WriteAsJsonAsync(file.ToAnswer(), BatchJson.Options, context.RequestAborted);
            return null;
        }
        catch (Exception e) when (e is InvalidDataException)
        {
            return new GatewayError(400, "MalformedUpload", $"The body could not be read: {e.Message}");
        }
        finally
        {
            if (path is not null && File.Exists(path)) File.Delete(path);
        }
    }

    private async Task<bool> CopyAsync(Stream from, string path, CancellationToken cancellation)
    {
        await using var to = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, cancellation) is > 0 and var read)
        {
            if (to.Position + read > options.MaxFileBytes) return false;
            await to.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }

        await to.FlushAsync(cancellation);
        to.Flush(flushToDisk: true);
        return true;
    }
}
