namespace AttentionOperator.Rollouts;

/// <summary>Reasons of rollouts: the same word in status, conditions, events and metrics.</summary>
internal enum RolloutReason
{
    /// <summary>A new revision was created and is coming up.</summary>
    RevisionCreated,

    /// <summary>Replicas of the new revision come up, or traffic moves, for the current step.</summary>
    StepStarted,

    /// <summary>The current step's weight is reached; its hold time runs.</summary>
    Holding,

    /// <summary>The current step waits for an approval.</summary>
    AwaitingApproval,

    /// <summary>The evidence is not enough yet to call the new revision healthy.</summary>
    Inconclusive,

    /// <summary>The new revision sees no requests, and silence proves nothing.</summary>
    NoTraffic,

    /// <summary>The counters cannot be read, so nothing is concluded.</summary>
    CountersUnavailable,

    /// <summary>The stable revision violates the same objectives: the new one is not the cause, and the rollout waits.</summary>
    AmbientBurn,

    /// <summary>The golden set is run against the new revision, which has no traffic yet.</summary>
    Evaluating,

    /// <summary>The evaluation gave no result, which proves nothing; it is run again, and the rollout waits.</summary>
    EvaluationUnavailable,

    /// <summary>The new revision passed its evaluation and may get traffic.</summary>
    EvaluationPassed,

    /// <summary>Rejected: the score of the golden set is beyond its bound. The revision got no traffic.</summary>
    EvaluationFailed,

    /// <summary>Paused by the spec or by an action.</summary>
    Paused,

    /// <summary>No replica is asked for, so nothing can be judged.</summary>
    NoReplicas,

    /// <summary>All pods of the new revision are gone; traffic is on the stable one.</summary>
    CanaryLost,

    /// <summary>All traffic goes to the new revision; it is watched, and the previous one stays warm.</summary>
    Promoted,

    /// <summary>The rollout is over.</summary>
    Completed,

    /// <summary>Traffic moved to another revision without steps.</summary>
    TrafficSwitched,

    /// <summary>The new revision did not become ready in time.</summary>
    ProgressDeadlineExceeded,

    /// <summary>Rejected: an objective is violated, and not by the stable revision.</summary>
    SloViolated,

    /// <summary>Rejected after promotion: the budget burns too fast over two windows.</summary>
    BurnRateExceeded,

    /// <summary>Rejected by the action <c>abort</c>.</summary>
    Aborted,

    /// <summary>Rejected by the action <c>undo</c>.</summary>
    Undone,

    /// <summary>The spec went back to the stable revision in mid-rollout.</summary>
    Superseded,

    /// <summary>A rejected revision is tried again, as the action <c>retry</c> asked.</summary>
    Retried,

    /// <summary>An action could not be carried out.</summary>
    InvalidAction,
}
