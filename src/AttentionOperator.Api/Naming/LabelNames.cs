namespace AttentionOperator.Api.Naming;

/// <summary>Labels on everything that the operator owns.</summary>
public static class LabelNames
{
    /// <summary>Name of the AttentionModel.</summary>
    public const string Model = ApiNames.Group + "/model";

    /// <summary>Revision hash (see <c>RevisionHash</c>).</summary>
    public const string Revision = ApiNames.Group + "/revision";

    /// <summary>On pods and their Deployment where a revision has a part on spot nodes and one that is not, and on nodes that no cloud provider labels.</summary>
    public const string Capacity = ApiNames.Group + "/capacity";

    /// <summary>Values of <see cref="Capacity"/>.</summary>
    public const string SpotCapacity = "spot";
    public const string OnDemandCapacity = "on-demand";

    /// <summary>On pods of an evaluation: name of the AttentionModel. Not <see cref="Model"/>, by which replicas are counted.</summary>
    public const string EvaluationOf = ApiNames.Group + "/evaluation-of";

    /// <summary>On Secrets with API keys (value <c>true</c>): the gateway reads no others.</summary>
    public const string ApiKeys = ApiNames.Group + "/api-keys";

    public const string AppName = "app.kubernetes.io/name";
    public const string AppInstance = "app.kubernetes.io/instance";
    public const string AppComponent = "app.kubernetes.io/component";
    public const string AppPartOf = "app.kubernetes.io/part-of";
    public const string AppManagedBy = "app.kubernetes.io/managed-by";

    /// <summary>Values of <see cref="AppComponent"/>.</summary>
    public const string RuntimeComponent = "runtime";
    public const string GatewayComponent = "gateway";
    public const string OperatorComponent = "operator";
    public const string EvaluationComponent = "evaluation";

    /// <summary>Value of <see cref="AppName"/> on pods that run the inference runtime.</summary>
    public const string RuntimeAppName = "attention-runtime";

    /// <summary>Value of <see cref="AppName"/> on pods of evaluations.</summary>
    public const string EvaluationAppName = "attention-evaluation";

    /// <summary>Value of <see cref="AppPartOf"/> and <see cref="AppManagedBy"/>.</summary>
    public const string Product = "attention-operator";
}
