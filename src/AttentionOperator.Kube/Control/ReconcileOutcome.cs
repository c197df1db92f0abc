namespace AttentionOperator.Kube.Control;

/// <summary>The three ways in which a reconcile ends without an exception.</summary>
public enum ReconcileOutcome
{
    Done,
    Waiting,
    Terminal,
}
