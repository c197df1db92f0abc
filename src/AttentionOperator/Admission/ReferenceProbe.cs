using System.Collections.Concurrent;
using System.Net;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Admission;

/// <summary>
/// Asks whether objects exist, by their metadata only: what a Secret holds never travels. An answer holds for a few seconds, so that hundreds of models that are applied at once and share a claim ask once.
/// </summary>
internal sealed class ReferenceProbe(KubeConnection connection, bool checkSecrets, TimeProvider time)
{
    private const string MetadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    private const int MostAnswers = 10_000;

    /// <summary>A write must not wait for this.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Validity = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(ResourceKind Resource, ObjectKey Key), (DateTimeOffset At, Lazy<Task<bool>> Missing)> answers = new();

    public async Task<IReadOnlyList<string>> WarningsAsync(string ns, IEnumerable<Reference> references, CancellationToken cancellation)
    {
        var asked = references.Where(reference => checkSecrets || reference.Resource != References.Secrets).Distinct().Take(20);
        var found = await Task.WhenAll(asked.Select(async reference => (Reference: reference, Missing: await IsMissingAsync(reference.Resource, new ObjectKey(ns, reference.Name)).WaitAsync(cancellation))));
        return [.. found.Where(answer => answer.Missing).Select(answer => $"{answer.Reference.Field}: {answer.Reference.Resource.Kind} {ns}/{answer.Reference.Name} does not exist; pods wait until it does")];
    }

    private Task<bool> IsMissingAsync(ResourceKind resource, ObjectKey key)
    {
        var now = time.GetUtcNow();
        if (answers.Count > MostAnswers)
        {
            answers.Clear();
        }

        return answers.AddOrUpdate(
            (resource, key),
            _ => (now, new Lazy<Task<bool>>(() => AskAsync(resource, key))),
            (_, known) => now - known.At < Validity ? known : (now, new Lazy<Task<bool>>(() => AskAsync(resource, key)))).Missing.Value;
    }

    // No answer is no reason to warn, let alone to refuse.
    private async Task<bool> AskAsync(ResourceKind resource, ObjectKey key)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        try
        {
            using var response = await connection.SendAsync(HttpMethod.Get, resource.ObjectPath(key), null, limit.Token, MetadataOnly);
            return response.StatusCode == HttpStatusCode.NotFound;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
