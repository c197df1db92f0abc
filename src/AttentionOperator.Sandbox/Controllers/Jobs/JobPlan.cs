using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Jobs;

/// <summary>What a Job's pods call for.</summary>
/// <param name="Create">Pods to start.</param>
/// <param name="Delete">Pods to stop.</param>
/// <param name="Finished">The condition that ends the Job: Complete or Failed with reason and message; null while it goes on.</param>
internal sealed record JobPlan(
    int Create, IReadOnlyList<V1Pod> Delete, (string Type, string Reason, string Message)? Finished, int Active, int Ready, int Succeeded, int Failed, int Terminating);
