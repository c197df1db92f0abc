namespace AttentionOperator.Kube.Conditions;

/// <summary>Status values of a condition, as the API spells them.</summary>
public static class ConditionStatus
{
    public const string True = "True";
    public const string False = "False";
    public const string Unknown = "Unknown";

    public static string Of(bool? value) => value switch
    {
        true => True,
        false => False,
        null => Unknown,
    };
}
