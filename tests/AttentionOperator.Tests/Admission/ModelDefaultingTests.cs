using System.Text.Json;
using AttentionOperator.Admission;

namespace AttentionOperator.Tests.Admission;

public sealed class ModelDefaultingTests
{
    [Theory]
    [InlineData("promote", null, "promote@u1")]
    [InlineData("promote", "promote@u0", "promote@u1")]
    [InlineData("undo=abc", "promote@u0", "undo=abc@u1")]
    [InlineData("promote@mine", null, null)]
    [InlineData("promote", "promote", null)]
    [InlineData("", null, null)]
    public void Action_without_a_token_gets_one_so_that_it_can_be_asked_for_again(string asked, string? stored, string? expected)
    {
        var old = stored is null ? "null" : Object(stored);
        using var review = JsonDocument.Parse($$$"""{"request":{"uid":"u1","namespace":"a","object":{{{Object(asked)}}},"oldObject":{{{old}}}}}""");
        var operation = ModelDefaulting.Patch(AdmissionRequest.Read(review.RootElement)).SingleOrDefault();
        Assert.Equal(expected, operation?["value"]?.GetValue<string>());
        Assert.Equal(expected is null ? null : "/metadata/annotations/attentionoperator.io~1rollout-action", operation?["path"]?.GetValue<string>());
    }

    private static string Object(string action) =>
        """{"apiVersion":"attentionoperator.io/v1alpha1","kind":"AttentionModel","metadata":{"name":"m","annotations":{"attentionoperator.io/rollout-action":"ACTION"}},"spec":{"model":{"uri":"pvc://models/x"}}}"""
            .Replace("ACTION", action, StringComparison.Ordinal);
}
