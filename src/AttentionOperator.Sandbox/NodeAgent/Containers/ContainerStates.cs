using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>The steps from one container status to the next.</summary>
internal static class ContainerStates
{
    /// <summary>A container that has not been started; what an earlier node agent left running becomes its last state.</summary>
    public static V1ContainerStatus Initial(V1Container container, bool podInitializing, V1ContainerStatus? previous, DateTime now)
    {
        var waiting = new V1ContainerState
        {
            Waiting = new V1ContainerStateWaiting { Reason = podInitializing ? "PodInitializing" : "ContainerCreating" },
        };
        var fresh = new V1ContainerStatus
        {
            Name = container.Name,
            Image = container.Image,
            ImageID = string.Empty,
            State = waiting,
            Ready = false,
            Started = false,
        };
        if (previous is null)
        {
            return fresh;
        }

        var last = previous.State?.Terminated ?? (previous.State?.Running is { } running
            ? new V1ContainerStateTerminated
            {
                ExitCode = 137,
                Reason = "ContainerStatusUnknown",
                Message = "The container could not be located: the node agent that ran it has ended",
                StartedAt = running.StartedAt,
                FinishedAt = now,
                ContainerID = previous.ContainerID,
            }
            : previous.LastState?.Terminated);
        var ran = previous.State?.Running is not null || previous.State?.Terminated is not null;
        return fresh with
        {
            RestartCount = previous.RestartCount + (ran ? 1 : 0),
            LastState = last is null ? null : new V1ContainerState { Terminated = last },
        };
    }

    public static V1ContainerStatus Waiting(V1ContainerStatus status, string reason, string? message)
    {
        var last = status.State?.Terminated is { } ended ? new V1ContainerState { Terminated = ended } : status.LastState;
        return status with
        {
            State = new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = reason, Message = message } },
            LastState = last,
            Ready = false,
            Started = false,
        };
    }

    public static V1ContainerStatus Running(V1ContainerStatus status, string id, DateTime now) => status with
    {
        ContainerID = id,
        ImageID = status.Image,
        LastState = status.State?.Terminated is { } ended ? new V1ContainerState { Terminated = ended } : status.LastState,
        State = new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = now } },
        Ready = false,
        Started = false,
    };

    public static V1ContainerStatus Terminated(V1ContainerStatus status, int exitCode, string reason, string? message, DateTime now) => status with
    {
        State = new V1ContainerState
        {
            Terminated = new V1ContainerStateTerminated
            {
                ExitCode = exitCode,
                Signal = exitCode > 128 && exitCode < 193 ? exitCode - 128 : null,
                Reason = reason,
                Message = message,
                StartedAt = status.State?.Running?.StartedAt ?? now,
                FinishedAt = now,
                ContainerID = status.ContainerID,
            },
        },
        Ready = false,
        Started = false,
    };
}
