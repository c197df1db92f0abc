namespace AttentionOperator.Cli.Tests.OverHttp;

public sealed class AnnotationVerbTests(CommandCluster cluster) : VerbTests(cluster)
{
    [Fact]
    public Task Annotations_drive_a_rollout()
    {
        var token = 0;
        return DriveAsync("annotations", async arguments =>
        {
            // What only reads has no annotation.
            if (arguments[0] is "why" or "history" or "diff" or "top")
            {
                return await RunAsync(arguments);
            }

            var action = arguments switch { ["promote", _, "--full"] => "promote=full", ["undo", _, "--to", var revision] => "undo=" + revision, _ => arguments[0] };
            await Cluster.PatchAsync(arguments[1], $"metadata: {{annotations: {{attentionoperator.io/rollout-action: {action}@{++token}}}}}");
            return "";
        });
    }
}
