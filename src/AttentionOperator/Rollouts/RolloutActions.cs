namespace AttentionOperator.Rollouts;

/// <summary>Carries out what was asked for by annotation.</summary>
internal static class RolloutActions
{
    /// <returns>Why it could not be done; null where it was.</returns>
    public static string? Apply(RolloutAction action, RolloutPass pass)
    {
        switch (action.Verb)
        {
            case "promote" when action.Argument is not (null or "full"):
                return $"'{action.Argument}' is not known; promote=full skips all steps";
            case "promote" when pass.InRollout:
                pass.Approve(action.Argument == "full");
                return null;
            case "promote" when pass.IsBaking:
                pass.EndBake();
                return null;
            case "promote":
                return pass.IsRejected ? "the revision is rejected; retry tries it again" : "no rollout is in progress";
            case "pause" or "resume" when pass.InRollout:
                pass.Pause(action.Verb == "pause");
                return null;
            case "abort" when pass.InRollout:
                pass.Abort();
                return null;
            case "pause" or "resume" or "abort":
                return "no rollout is in progress";
            case "retry" when pass.IsRejected:
                pass.Retry();
                return null;
            case "retry":
                return "the spec's revision is not rejected";
            case "undo" when pass.IsRejected:
                return "the spec's revision is rejected already";
            case "undo":
                return pass.Undo(action.Argument);
            default:
                return "no such action; known are promote[=full], pause, resume, abort, retry, undo[=revision]";
        }
    }
}
