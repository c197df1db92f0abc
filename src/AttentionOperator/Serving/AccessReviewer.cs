using System.Collections.Concurrent;
using System.Text.Json;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;
using k8s.Models;

namespace AttentionOperator.Serving;

/// <summary>Asks the API server what a user may do, and remembers the answers for as long as its own aggregated servers do (10 seconds).</summary>
internal sealed class AccessReviewer(KubeConnection connection, TimeProvider time)
{
    private const int MostRemembered = 4096;

    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, (bool Allowed, long At)> answers = new(StringComparer.Ordinal);

    /// <exception cref="KubeApiException">The API server refuses to be asked: the operator may not create SubjectAccessReviews.</exception>
    public async Task<bool> AllowsAsync(ProxiedUser user, AccessQuestion question, CancellationToken cancellation)
    {
        // Kubernetes' own rule for its administrators' group, without which no review could be answered while RBAC is broken.
        if (user.Groups.Contains("system:masters"))
        {
            return true;
        }

        var review = Review(user, question);
        var key = JsonSerializer.Serialize(review.Spec, KubeJson.Options);
        if (answers.TryGetValue(key, out var known) && time.GetElapsedTime(known.At) < Memory)
        {
            return known.Allowed;
        }

        var allowed = await AskAsync(review, cancellation);
        if (answers.Count >= MostRemembered)
        {
            answers.Clear();
        }

        answers[key] = (allowed, time.GetTimestamp());
        return allowed;
    }

    private async Task<bool> AskAsync(V1SubjectAccessReview review, CancellationToken cancellation)
    {
        using var content = new ByteArrayContent(KubeJson.Serialize(review));
        content.Headers.ContentType = new("application/json");
        using var response = await connection.SendAsync(HttpMethod.Post, "apis/authorization.k8s.io/v1/subjectaccessreviews", content, cancellation);
        var body = await response.Content.ReadAsByteArrayAsync(cancellation);
        if (!response.IsSuccessStatusCode)
        {
            throw new KubeApiException(response.StatusCode, "", $"a SubjectAccessReview was refused with {(int)response.StatusCode}; bind the operator's service account to the ClusterRole system:auth-delegator");
        }

        return KubeJson.Deserialize<V1SubjectAccessReview>(body).Status is { Allowed: true };
    }

    private static V1SubjectAccessReview Review(ProxiedUser user, AccessQuestion question) => new()
    {
        ApiVersion = "authorization.k8s.io/v1",
        Kind = "SubjectAccessReview",
        Spec = new V1SubjectAccessReviewSpec
        {
            User = user.Name,
            Uid = user.Uid.Length > 0 ? user.Uid : null,
            Groups = [.. user.Groups],
            Extra = user.Extra.Count > 0 ? user.Extra.ToDictionary(entry => entry.Key, entry => (IList<string>)[.. entry.Value], StringComparer.Ordinal) : null,
            NonResourceAttributes = question.Path is { } path ? new V1NonResourceAttributes { Path = path, Verb = question.Verb } : null,
            ResourceAttributes = question.Path is not null ? null : new V1ResourceAttributes
            {
                Verb = question.Verb,
                Group = question.Group,
                Version = question.Version,
                Resource = question.Resource,
                Subresource = question.Subresource,
                NamespaceProperty = question.Namespace,
                Name = question.Name,
            },
        },
    };
}
