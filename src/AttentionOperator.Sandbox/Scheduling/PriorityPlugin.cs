using AttentionOperator.Sandbox.Admission;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Storage;

namespace AttentionOperator.Sandbox.Scheduling;

/// <summary>Writes a pod's priority from its PriorityClass, as the admission controller of that name does.</summary>
internal sealed class PriorityPlugin(ObjectStore store) : IAdmissionPlugin
{
    private const string Classes = "scheduling.k8s.io/priorityclasses";
    private static readonly Dictionary<string, long> BuiltIn = new(StringComparer.Ordinal)
    {
        ["system-cluster-critical"] = 2_000_000_000,
        ["system-node-critical"] = 2_000_001_000,
    };

    public Task MutateAsync(AdmissionAttributes attributes)
    {
        if (attributes is not { Operation: "CREATE", Resource.StorageKey: "/pods", Object: { } pod } || pod.Object("spec") is not { } spec)
        {
            return Task.CompletedTask;
        }

        var name = spec.Text("priorityClassName");
        if (string.IsNullOrEmpty(name))
        {
            return Task.CompletedTask;
        }

        var found = store.Find(Classes, string.Empty, name)?.Parse();
        spec["priority"] = found?.Integer("value")
            ?? (BuiltIn.TryGetValue(name, out var value) ? value : throw ApiErrors.Forbidden(attributes.Resource, attributes.Name, $"no PriorityClass with name {name} was found"));
        if (found?.Text("preemptionPolicy") is { Length: > 0 } policy)
        {
            spec["preemptionPolicy"] = policy;
        }

        return Task.CompletedTask;
    }
}
