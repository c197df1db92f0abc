using AttentionOperator.Api.Policies;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Validation;
using AttentionOperator.Fleet;
using AttentionOperator.Reconciliation;

namespace AttentionOperator.Admission;

/// <summary>
/// Judges a model before it is stored, with the functions that the planner judges it by afterwards, and with what only the whole fleet shows. What the stored model already has wrong
/// is a warning: an old mistake must not keep anybody from repairing, scaling or deleting.
/// </summary>
internal sealed class ModelAdmission(ModelDirectory directory, FleetView fleet, ReferenceProbe probe, PlannerOptions planner)
{
    private const string ReplicasField = "spec.replicas";

    public async Task<AdmissionVerdict> JudgeAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        if (request.Model.Metadata.DeletionTimestamp is not null)
        {
            return AdmissionVerdict.Fine; // Only finalizers change now.
        }

        var errors = Errors(request.Model, request.Namespace);
        if (request.Model.Spec is null)
        {
            return new AdmissionVerdict(errors, []);
        }

        var names = directory.HasSynced ? NameRules.Check(request.Model, request.Old, directory.Find) : AdmissionVerdict.Fine;
        var known = request.Old is { Spec: not null } old ? Errors(old, request.Namespace).ToHashSet() : [];
        List<string> warnings =
        [
            .. names.Warnings,
            .. (errors.Count == 0 ? Limits(request) : []).Select(error => $"{error} (no more will run)"),
            .. errors.Where(known.Contains).Select(error => $"{error} (was so before; the model stays stalled)"),
        ];
        List<FieldError> refused = [.. names.Errors, .. errors.Where(error => !known.Contains(error))];
        if (refused.Count == 0)
        {
            warnings.AddRange(await probe.WarningsAsync(request.Namespace, NewReferences(request), cancellation));
        }

        return new AdmissionVerdict(refused, warnings);
    }

    private IReadOnlyList<FieldError> Errors(AttentionModel model, string ns)
    {
        var errors = AttentionModelValidator.Validate(model, planner.Validation);
        // A spec with errors of its own may lack what policies speak of.
        return errors.Count > 0 ? errors : [.. Policies(model, ns).Where(error => error.Field != ReplicasField)];
    }

    // Too many replicas are no violation: an autoscaler may ask for them, and what may run does.
    private IEnumerable<FieldError> Limits(AdmissionRequest request) => Policies(request.Model, request.Namespace).Where(error => error.Field == ReplicasField);

    private IReadOnlyList<FieldError> Policies(AttentionModel model, string ns) => fleet.HasSynced ? PolicyChecker.Check(model.Spec, fleet.PoliciesOf(ns)) : [];

    private static IEnumerable<Reference> NewReferences(AdmissionRequest request) =>
        References.Of(request.Model.Spec).Except(request.Old?.Spec is { } spec ? References.Of(spec) : []);
}
