using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace AttentionOperator.Runtime.Fetch;

/// <summary>Makes the source of a uri. Credentials come from the environment only.</summary>
internal static class ArtifactSources
{
    private const string DefaultHub = "https://huggingface.co";

    /// <param name="uri">The artifact.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="allowHttp">Take <c>http://</c> too.</param>
    public static IArtifactSource Create(string uri, Func<string, string?> environment, bool allowHttp = false)
    {
        if (!Uri.TryCreate(uri, UriKind.Absolute, out var parsed)) throw new FetchException($"'{uri}' is no uri; file://, https://, s3:// or hf:// is expected.");
        switch (parsed.Scheme)
        {
            case "file":
                return new FileSource(parsed.LocalPath);
            case "https":
            case "http" when allowHttp:
                return new HttpSource(Client(environment("ATTENTION_FETCH_AUTHORIZATION")), parsed);
            case "hf":
                return Hub(uri, environment);
            case "s3":
                return Objects(parsed, environment);
            default:
                throw new FetchException($"'{parsed.Scheme}://' cannot be fetched; file://, https://, s3:// and hf:// can. A pvc:// or oci:// artifact is mounted.");
        }
    }

    internal static (string Repository, string Revision) ParseHub(string uri)
    {
        var rest = uri["hf://".Length..].TrimEnd('/');
        var at = rest.IndexOf('@', StringComparison.Ordinal);
        var (repository, revision) = at < 0 ? (rest, "main") : (rest[..at], rest[(at + 1)..]);
        ArtifactPath.Check(repository);
        if (repository.Count(c => c == '/') != 1 || revision.Length == 0 || !repository.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or '.'))
        {
            throw new FetchException($"'{uri}' is not of the form hf://org/model@revision.");
        }

        return (repository, revision);
    }

    private static HubSource Hub(string uri, Func<string, string?> environment)
    {
        var (repository, revision) = ParseHub(uri);
        var token = environment("HF_TOKEN");
        var endpoint = environment("HF_ENDPOINT") is { Length: > 0 } given ? given : DefaultHub;
        return new HubSource(Client(string.IsNullOrEmpty(token) ? null : "Bearer " + token), new Uri(endpoint), repository, revision);
    }

    private static ObjectSource Objects(Uri uri, Func<string, string?> environment)
    {
        var configuration = new AmazonS3Config { MaxErrorRetry = 0 };
        if (environment("AWS_ENDPOINT_URL") is { Length: > 0 } endpoint)
        {
            configuration.ServiceURL = endpoint;
            configuration.ForcePathStyle = true;
            configuration.AuthenticationRegion = environment("AWS_REGION") ?? "us-east-1";
        }
        else
        {
            configuration.RegionEndpoint = RegionEndpoint.GetBySystemName(environment("AWS_REGION") ?? "us-east-1");
        }

        AWSCredentials credentials = environment("AWS_ACCESS_KEY_ID") is { Length: > 0 } id && environment("AWS_SECRET_ACCESS_KEY") is { Length: > 0 } secret
            ? environment("AWS_SESSION_TOKEN") is { Length: > 0 } session ? new SessionAWSCredentials(id, secret, session) : new BasicAWSCredentials(id, secret)
            : new AnonymousAWSCredentials();
        return new ObjectSource(new AmazonS3Client(credentials, configuration), uri.Host, uri.AbsolutePath.TrimStart('/'));
    }

    private static HttpClient Client(string? authorization)
    {
        // A redirect to another host does not get the header: the handler drops it.
        var client = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(20), PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = Timeout.InfiniteTimeSpan };
        if (!string.IsNullOrEmpty(authorization)) client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        client.DefaultRequestHeaders.UserAgent.ParseAdd("attention-runtime");
        return client;
    }
}
