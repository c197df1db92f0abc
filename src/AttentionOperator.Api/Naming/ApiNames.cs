namespace AttentionOperator.Api.Naming;

/// <summary>Identity of the API that this product adds to a cluster.</summary>
public static class ApiNames
{
    public const string Group = "attentionoperator.io";
    public const string Version = "v1alpha1";
    public const string ApiVersion = Group + "/" + Version;
    public const string Kind = "AttentionModel";
    public const string Plural = "attentionmodels";
    public const string Singular = "attentionmodel";
    public const string ShortName = "am";
    public const string CrdName = Plural + "." + Group;

    /// <summary>Field manager of everything that the operator applies server-side.</summary>
    public const string FieldManager = "attention-operator";

    /// <summary>Component that reports events.</summary>
    public const string EventSource = "attention-operator";

    /// <summary>Lease that elects the acting operator, in the operator's own namespace.</summary>
    public const string LeaseName = "attention-operator";
}
