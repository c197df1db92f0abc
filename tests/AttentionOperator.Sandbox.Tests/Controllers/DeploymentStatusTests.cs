using AttentionOperator.Sandbox.Controllers.Deployments;
using k8s.Models;

namespace AttentionOperator.Sandbox.Tests.Controllers;

public sealed class DeploymentStatusTests
{
    private static readonly DateTime Now = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Plan_WhenAllPodsAreNewAndAvailable_IsComplete()
    {
        var deployment = Deployment(3);

        var status = DeploymentStatusPlanner.Plan(deployment, Set("new", 3, 3), [Set("old", 0, 0)], Now);

        Assert.Equal(("True", "NewReplicaSetAvailable"), Progressing(status));
        Assert.Equal((3, 3, 3, 0), (status.Replicas, status.UpdatedReplicas, status.AvailableReplicas, status.UnavailableReplicas));
        Assert.Contains(status.Conditions, c => c is { Type: "Available", Status: "True" });
        Assert.Null(DeploymentStatusPlanner.Deadline(deployment, status.Conditions));
    }

    [Fact]
    public void Plan_WithoutProgressForTheDeadline_Fails()
    {
        var deployment = Deployment(2);
        deployment.Status = DeploymentStatusPlanner.Plan(deployment, Set("new", 2, 0), [], Now);
        Assert.Equal(("True", "ReplicaSetUpdated"), Progressing(deployment.Status));

        deployment.Status = DeploymentStatusPlanner.Plan(deployment, Set("new", 2, 0), [], Now.AddSeconds(59));
        Assert.Equal(("True", "ReplicaSetUpdated"), Progressing(deployment.Status));
        Assert.Equal(Now.AddSeconds(60), DeploymentStatusPlanner.Deadline(deployment, deployment.Status.Conditions));

        deployment.Status = DeploymentStatusPlanner.Plan(deployment, Set("new", 2, 0), [], Now.AddSeconds(60));
        Assert.Equal(("False", "ProgressDeadlineExceeded"), Progressing(deployment.Status));
        Assert.Contains(deployment.Status.Conditions, c => c is { Type: "Available", Status: "False", Reason: "MinimumReplicasUnavailable" });
    }

    [Fact]
    public void Plan_EveryStepForward_RenewsTheDeadline()
    {
        var deployment = Deployment(2);
        deployment.Status = DeploymentStatusPlanner.Plan(deployment, Set("new", 2, 0), [], Now);

        deployment.Status = DeploymentStatusPlanner.Plan(deployment, Set("new", 2, 1), [], Now.AddSeconds(50));

        Assert.Equal(Now.AddSeconds(110), DeploymentStatusPlanner.Deadline(deployment, deployment.Status.Conditions));
        Assert.Equal(Now, DeploymentConditions.Find(deployment.Status.Conditions, "Progressing")!.LastTransitionTime);
    }

    private static (string, string) Progressing(V1DeploymentStatus status)
    {
        var condition = DeploymentConditions.Find(status.Conditions, "Progressing")!;
        return (condition.Status, condition.Reason);
    }

    private static V1Deployment Deployment(int replicas) => new()
    {
        Metadata = new V1ObjectMeta { Name = "d", Generation = 1 },
        Spec = new V1DeploymentSpec { Replicas = replicas, ProgressDeadlineSeconds = 60, Template = new V1PodTemplateSpec() },
    };

    private static V1ReplicaSet Set(string name, int replicas, int available) => new()
    {
        Metadata = new V1ObjectMeta { Name = name },
        Spec = new V1ReplicaSetSpec { Replicas = replicas },
        Status = new V1ReplicaSetStatus { Replicas = replicas, ReadyReplicas = available, AvailableReplicas = available },
    };
}
