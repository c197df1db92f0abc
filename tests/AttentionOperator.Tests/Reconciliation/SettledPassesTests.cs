using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;
using AttentionOperator.Reconciliation;

namespace AttentionOperator.Tests.Reconciliation;

public sealed class SettledPassesTests
{
    private static readonly ObjectKey Chat = new("demo", "chat");
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly SettledPasses passes = new();
    private readonly PassInputs inputs = new(Object(ResourceKinds.Model, "chat"), [Object(ResourceKinds.Deployment, "chat-1"), Object(ResourceKinds.Service, "chat-1")], [Object(ResourceKinds.Pod, "chat-1-x")]);

    [Fact]
    public void Nothing_is_known_at_first() => Assert.Null(passes.Repeat(Chat, inputs, Now));

    [Fact]
    public void Same_inputs_repeat_the_result()
    {
        passes.Remember(Chat, inputs, true, ReconcileResult.Terminal("InvalidSpec"), Now);
        var same = inputs with { Children = [.. inputs.Children] };
        Assert.Equal(ReconcileResult.Terminal("InvalidSpec"), passes.Repeat(Chat, same, Now.AddYears(1)));
    }

    [Fact]
    public void Another_child_or_one_more_or_fewer_is_another_pass()
    {
        passes.Remember(Chat, inputs, true, ReconcileResult.Done, Now);
        Assert.Null(passes.Repeat(Chat, inputs with { Children = [inputs.Children[0], Object(ResourceKinds.Service, "chat-1")] }, Now));
        Assert.Null(passes.Repeat(Chat, inputs with { Children = [inputs.Children[0]] }, Now));
        Assert.Null(passes.Repeat(Chat, inputs with { Children = [.. inputs.Children, Object(ResourceKinds.ConfigMap, "chat-1")] }, Now));
        Assert.NotNull(passes.Repeat(Chat, inputs, Now));
    }

    [Fact]
    public void Pods_count_only_where_the_plan_saw_them()
    {
        var moved = inputs with { Pods = [] };
        passes.Remember(Chat, inputs, true, ReconcileResult.Done, Now);
        Assert.Null(passes.Repeat(Chat, moved, Now));
        passes.Remember(Chat, inputs, false, ReconcileResult.Done, Now);
        Assert.NotNull(passes.Repeat(Chat, moved, Now));
    }

    [Fact]
    public void Annotation_of_another_tool_is_no_change_and_the_newest_version_is_kept()
    {
        passes.Remember(Chat, inputs, true, ReconcileResult.Done, Now);
        var touched = inputs with { Model = Object(ResourceKinds.Model, "chat", model => model["metadata"]!["annotations"] = new JsonObject { ["tool.io/seen"] = "1" }) };
        Assert.NotNull(passes.Repeat(Chat, touched, Now));
        var asked = inputs with { Model = Object(ResourceKinds.Model, "chat", model => model["metadata"]!["annotations"] = new JsonObject { ["attentionoperator.io/rollout-action"] = "abort@1" }) };
        Assert.Null(passes.Repeat(Chat, asked, Now));
        var edited = inputs with { Model = Object(ResourceKinds.Model, "chat", model => model["spec"] = new JsonObject { ["replicas"] = 2 }) };
        Assert.Null(passes.Repeat(Chat, edited, Now));
    }

    [Fact]
    public void Waiting_repeats_with_what_is_left_until_its_time_comes()
    {
        passes.Remember(Chat, inputs, true, ReconcileResult.Waiting(TimeSpan.FromSeconds(30), "Baking"), Now);
        var result = passes.Repeat(Chat, inputs, Now.AddSeconds(20));
        Assert.Equal(ReconcileResult.Waiting(TimeSpan.FromSeconds(10), "Baking"), result);
        Assert.Null(passes.Repeat(Chat, inputs, Now.AddSeconds(30)));
    }

    [Fact]
    public void Clock_that_was_set_back_is_not_trusted()
    {
        passes.Remember(Chat, inputs, true, ReconcileResult.Done, Now);
        Assert.Null(passes.Repeat(Chat, inputs, Now.AddSeconds(-1)));
    }

    [Fact]
    public void Forgotten_is_unknown_and_leaves_nothing_behind()
    {
        passes.Remember(Chat, inputs, true, ReconcileResult.Done, Now);
        passes.Forget(Chat);
        Assert.Null(passes.Repeat(Chat, inputs, Now));
        Assert.Equal(0, passes.Count);
    }

    private static KubeObject Object(ResourceKind resource, string name, Action<JsonObject>? change = null)
    {
        var document = new JsonObject
        {
            ["apiVersion"] = resource.ApiVersion,
            ["kind"] = resource.Kind,
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "demo", ["uid"] = $"{resource.Kind}-{name}", ["resourceVersion"] = "1" },
            ["spec"] = new JsonObject { ["replicas"] = 1 },
        };
        change?.Invoke(document);
        return new KubeObjectCodec(resource).Decode(JsonSerializer.SerializeToUtf8Bytes(document));
    }
}
