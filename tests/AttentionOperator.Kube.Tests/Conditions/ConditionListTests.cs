using AttentionOperator.Kube.Conditions;
using CsCheck;
using k8s.Models;

namespace AttentionOperator.Kube.Tests.Conditions;

public sealed class ConditionListTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Set_SameAgain_ChangesNothing()
    {
        List<V1Condition> conditions = [];
        Assert.True(ConditionList.Set(conditions, "Ready", "True", "Serving", "3 of 3", 4, Start.AddMilliseconds(700)));
        Assert.False(ConditionList.Set(conditions, "Ready", "True", "Serving", "3 of 3", 4, Start.AddHours(1)));
        Assert.Equal(Start.UtcDateTime, conditions[0].LastTransitionTime);
    }

    [Fact]
    public void Set_DoesNotTouchTheObjectThatOthersRead()
    {
        var cached = new V1Condition { Type = "Ready", Status = "True", Reason = "Serving", Message = "", LastTransitionTime = Start.UtcDateTime };
        List<V1Condition> conditions = [cached];
        ConditionList.Set(conditions, "Ready", "False", "Crashed", "", 1, Start.AddHours(1));
        Assert.Equal("True", cached.Status);
        Assert.Equal("False", conditions[0].Status);
    }

    [Fact]
    public void Set_RefusesWhatTheServerWouldRefuse()
    {
        Assert.Throws<ArgumentException>(() => ConditionList.Set([], "Ready", "Yes", "R", "", 1, Start));
        Assert.Throws<ArgumentException>(() => ConditionList.Set([], "Ready", "True", "", "", 1, Start));
        List<V1Condition> conditions = [];
        ConditionList.Set(conditions, "Ready", "True", "R", new string('x', 40_000), 1, Start);
        Assert.Equal(32_768, conditions[0].Message.Length);
    }

    [Fact]
    public void AnySequence_KeepsTheRules() =>
        Gen.Select(Gen.OneOf("Ready", "Stalled"), Gen.OneOf("True", "False", "Unknown"), Gen.OneOf("A", "B"), Gen.Int[1, 3]).List[1, 40].Sample(steps =>
        {
            List<V1Condition> conditions = [];
            DateTimeOffset now = Start;
            Dictionary<string, (string Status, DateTime Since, long Generation)> model = [];
            foreach ((string type, string status, string reason, int generation) in steps)
            {
                now += TimeSpan.FromSeconds(1);
                ConditionList.Set(conditions, type, status, reason, "m", generation, now);
                bool known = model.TryGetValue(type, out (string Status, DateTime Since, long Generation) before);
                DateTime since = known && before.Status == status ? before.Since : now.UtcDateTime;
                model[type] = (status, since, Math.Max(generation, known ? before.Generation : 0));
            }

            Assert.Equal(model.Count, conditions.Count);
            foreach (V1Condition condition in conditions)
            {
                Assert.Equal(model[condition.Type], (condition.Status, condition.LastTransitionTime, condition.ObservedGeneration!.Value));
            }
        });
}
