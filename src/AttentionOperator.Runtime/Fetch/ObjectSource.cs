using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace AttentionOperator.Runtime.Fetch;

/// <summary><c>s3://bucket/prefix</c>; any S3-compatible endpoint (<c>AWS_ENDPOINT_URL</c>).</summary>
internal sealed class ObjectSource(IAmazonS3 client, string bucket, string prefix) : IArtifactSource
{
    private readonly string _prefix = prefix.Length == 0 || prefix.EndsWith('/') ? prefix : prefix + "/";

    public string Name => $"s3://{bucket}/{_prefix}";

    public async Task<IReadOnlyList<RemoteFile>> ListAsync(CancellationToken cancellationToken)
    {
        var files = new List<RemoteFile>();
        var request = new ListObjectsV2Request { BucketName = bucket, Prefix = _prefix };
        do
        {
            var page = await RunAsync(() => client.ListObjectsV2Async(request, cancellationToken));
            foreach (var item in page.S3Objects ?? [])
            {
                var path = item.Key[_prefix.Length..];
                if (path.Length == 0 || path.EndsWith('/')) continue;
                ArtifactPath.Check(path);
                if (!ArtifactPath.IsHidden(path)) files.Add(new RemoteFile(path, item.Size, null, item.ETag ?? ""));
            }

            request.ContinuationToken = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (request.ContinuationToken is not null);
        return files;
    }

    public async Task<RangeRead> OpenAsync(RemoteFile file, long offset, long? length, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = bucket, Key = _prefix + file.Path, EtagToMatch = file.Version };
        if (offset > 0 || length is not null) request.ByteRange = new ByteRange(offset, length is null ? long.MaxValue : offset + length.Value - 1);
        var response = await RunAsync(() => client.GetObjectAsync(request, cancellationToken));
        return new RangeRead(response.ResponseStream, offset, response);
    }

    public void Dispose() => client.Dispose();

    private async Task<T> RunAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (AmazonServiceException e)
        {
            throw new FetchException($"{Name}: {e.ErrorCode} ({(int)e.StatusCode}).", (int)e.StatusCode is 0 or >= 500 or 429, e);
        }
        catch (AmazonClientException e)
        {
            throw new FetchException($"{Name}: {e.Message}", transient: true, e);
        }
    }
}
