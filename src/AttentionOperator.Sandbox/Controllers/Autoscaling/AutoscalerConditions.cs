using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Autoscaling;

/// <summary>An autoscaler's conditions; a transition time moves only with the status.</summary>
internal sealed class AutoscalerConditions(IList<V2HorizontalPodAutoscalerCondition>? before, DateTime now)
{
    public List<V2HorizontalPodAutoscalerCondition> List { get; } = before?.ToList() ?? [];

    public void Set(string type, bool status, string reason, string message)
    {
        var text = status ? "True" : "False";
        var index = List.FindIndex(c => c.Type == type);
        var condition = new V2HorizontalPodAutoscalerCondition
        {
            Type = type,
            Status = text,
            Reason = reason,
            Message = message,
            LastTransitionTime = index >= 0 && List[index].Status == text ? List[index].LastTransitionTime : now,
        };
        if (index >= 0)
        {
            List[index] = condition;
        }
        else
        {
            List.Add(condition);
        }
    }
}
