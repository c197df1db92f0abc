using AttentionOperator.Sandbox.NodeAgent.Pods;
using k8s.Models;

namespace AttentionOperator.Sandbox.Tests.NodeAgent;

public sealed class PodPhaseTests
{
    // r running, w waiting, b waiting in back-off after a failure, 0 and 1 terminated with that code.
    [Theory]
    [InlineData("Always", "", "w", false, "Pending")]
    [InlineData("Always", "", "r", false, "Running")]
    [InlineData("Always", "", "rw", false, "Pending")]
    [InlineData("Always", "", "b", false, "Running")]
    [InlineData("Always", "", "1", false, "Running")]
    [InlineData("Always", "", "0", false, "Running")]
    [InlineData("Always", "", "0", true, "Succeeded")]
    [InlineData("Always", "", "01", true, "Failed")]
    [InlineData("OnFailure", "", "0", false, "Succeeded")]
    [InlineData("OnFailure", "", "01", false, "Running")]
    [InlineData("Never", "", "0", false, "Succeeded")]
    [InlineData("Never", "", "01", false, "Failed")]
    [InlineData("Never", "", "0r", false, "Running")]
    [InlineData("Never", "1", "w", false, "Failed")]
    [InlineData("Always", "1", "w", false, "Pending")]
    [InlineData("Always", "r", "w", false, "Pending")]
    [InlineData("Always", "0", "r", false, "Running")]
    [InlineData("Always", "", "w", true, "Failed")]
    public void Of_FollowsTheKubelet(string policy, string init, string containers, bool terminal, string expected) =>
        Assert.Equal(expected, PodPhase.Of(policy, [.. init.Select(State)], [.. containers.Select(State)], terminal));

    private static V1ContainerStatus State(char code)
    {
        static V1ContainerState Ended(int exitCode) => new() { Terminated = new V1ContainerStateTerminated { ExitCode = exitCode } };
        var waiting = new V1ContainerState { Waiting = new V1ContainerStateWaiting() };
        return code switch
        {
            'r' => new V1ContainerStatus { State = new V1ContainerState { Running = new V1ContainerStateRunning() } },
            'w' => new V1ContainerStatus { State = waiting },
            'b' => new V1ContainerStatus { State = waiting, LastState = Ended(1) },
            _ => new V1ContainerStatus { State = Ended(code - '0') },
        };
    }
}
