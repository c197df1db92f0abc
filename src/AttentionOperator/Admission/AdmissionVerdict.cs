using AttentionOperator.Api.Validation;

namespace AttentionOperator.Admission;

/// <summary>What is wrong with a model.</summary>
/// <param name="Errors">Refuse it.</param>
/// <param name="Warnings">Are shown to whoever wrote it.</param>
internal sealed record AdmissionVerdict(IReadOnlyList<FieldError> Errors, IReadOnlyList<string> Warnings)
{
    public static AdmissionVerdict Fine { get; } = new([], []);
}
