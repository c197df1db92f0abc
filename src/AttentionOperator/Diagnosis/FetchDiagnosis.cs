using System.Globalization;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Children;
using k8s.Models;

namespace AttentionOperator.Diagnosis;

/// <summary>What the init containers that fetch a model's files say: that they are at it, how far they are, or why they cannot. Pure.</summary>
internal static class FetchDiagnosis
{
    /// <summary>Null where nothing is fetched, or everything is there.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="progress">What it says itself; null where it does not.</param>
    public static (int Rank, PodFailure Failure)? Of(V1Pod pod, FetchProgress? progress)
    {
        if (Open(pod) is not { } open)
        {
            return null;
        }

        var ended = open.State?.Terminated ?? open.LastState?.Terminated;
        if (ended is { ExitCode: not 0 } && TerminationMessage.Parse(ended.Message) is { } last)
        {
            // A source that does not answer may answer the next time, and what was downloaded stays; another digest stays another digest.
            var final = last.Reason != StartFailureReason.FetchFailed || open.RestartCount > 1 || open.State?.Waiting?.Reason == "CrashLoopBackOff";
            return (0, new PodFailure(last.Reason.ToString(), $"{last.Message} (container {open.Name} of pod {pod.Metadata.Name}{PodDiagnosis.Restarts(open)})", final));
        }

        if (ended is { Reason: "OOMKilled" })
        {
            return (1, new PodFailure(nameof(PodFailureReason.OutOfMemoryKilled), $"container {open.Name} of pod {pod.Metadata.Name} was ended by the kernel while it fetched{PodDiagnosis.Restarts(open)}", true));
        }

        if (open.State?.Running is not null)
        {
            // Of several, the one that downloads tells more than those that wait for it.
            return (progress?.State == FetchState.Waiting ? 6 : 5, new PodFailure(nameof(PodFailureReason.FetchingModel), $"pod {pod.Metadata.Name} fetches the {ArtifactFetch.LinkOf(open.Name)}{(progress is null ? "" : Words(progress))}", false));
        }

        return open.State?.Waiting is null ? null : PodDiagnosis.Waiting(pod, open);
    }

    /// <summary>Whether the pod can be asked how far it is.</summary>
    public static bool IsFetching(V1Pod pod) => Open(pod)?.State?.Running is not null && !string.IsNullOrEmpty(pod.Status?.PodIP);

    /// <summary>How far, in words: <c>: 3.2 of 14.2 GiB, 2 of 6 files</c>; empty where nobody knows.</summary>
    public static string Words(FetchProgress progress) => progress.State switch
    {
        FetchState.Waiting => ": another pod fetches it already",
        FetchState.Listing => ": reading the list of files",
        _ when progress.TotalBytes > 0 => string.Create(CultureInfo.InvariantCulture, $": {Gibibytes(progress.DoneBytes)} of {Gibibytes(progress.TotalBytes)} GiB, {progress.DoneFiles} of {progress.TotalFiles} files"),
        _ => "",
    };

    /// <summary>The first fetching container that has not done its work.</summary>
    private static V1ContainerStatus? Open(V1Pod pod) =>
        pod.Status?.Conditions?.Any(condition => condition is { Type: "Initialized", Status: "True" }) == true ? null
        : pod.Status?.InitContainerStatuses?.FirstOrDefault(status => ArtifactFetch.IsFetch(status.Name) && status.State?.Terminated is not { ExitCode: 0 });

    private static string Gibibytes(long bytes) => (bytes / (double)(1L << 30)).ToString("0.00", CultureInfo.InvariantCulture);
}
