using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Validation;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Admission;

/// <summary>
/// Names that clients use must lead to one model. Within a namespace a clash is refused; over namespaces it is a warning, because one team must not be able to keep a name from another
/// (the gateway prefers its own namespace and refuses what stays ambiguous; <c>namespace/name</c> always works).
/// </summary>
internal static class NameRules
{
    /// <param name="model">The model to write.</param>
    /// <param name="old">The stored one; what it has already is not judged again.</param>
    /// <param name="find">All models that answer to a name.</param>
    public static AdmissionVerdict Check(AttentionModel model, AttentionModel? old, Func<string, IEnumerable<NamedModel>> find)
    {
        var key = new ObjectKey(model.Metadata.NamespaceProperty ?? "", model.Metadata.Name ?? "");
        var errors = new List<FieldError>();
        var warnings = new List<string>();
        if (old is null)
        {
            CheckName(key, find, errors, warnings);
        }

        var aliases = model.Spec.Traffic?.Aliases ?? [];
        for (var index = 0; index < aliases.Count; index++)
        {
            if (old?.Spec?.Traffic?.Aliases?.Contains(aliases[index], StringComparer.Ordinal) != true)
            {
                CheckAlias($"spec.traffic.aliases[{index}]", aliases[index], key, find, errors, warnings);
            }
        }

        return new AdmissionVerdict(errors, warnings);
    }

    private static void CheckName(ObjectKey key, Func<string, IEnumerable<NamedModel>> find, List<FieldError> errors, List<string> warnings)
    {
        foreach (var other in find(key.Name).Where(other => other.Key != key))
        {
            if (other.IsAlias && other.Key.Namespace == key.Namespace)
            {
                errors.Add(new FieldError("metadata.name", $"'{key.Name}' is an alias of AttentionModel {other.Key}, whose requests it would take; choose another name, or remove the alias first"));
            }
            else
            {
                warnings.Add($"metadata.name: AttentionModel {other.Key} answers to '{key.Name}' too; clients may have to ask for '{key}'");
            }
        }
    }

    private static void CheckAlias(string field, string alias, ObjectKey key, Func<string, IEnumerable<NamedModel>> find, List<FieldError> errors, List<string> warnings)
    {
        if (alias == key.Name)
        {
            errors.Add(new FieldError(field, $"'{alias}' is the model's own name; remove it"));
            return;
        }

        foreach (var other in find(alias).Where(other => other.Key != key))
        {
            if (other.Key.Namespace != key.Namespace)
            {
                warnings.Add($"{field}: AttentionModel {other.Key} answers to '{alias}' too; requests for it may be refused as ambiguous");
            }
            else
            {
                errors.Add(new FieldError(field, $"'{alias}' is {(other.IsAlias ? "an alias" : "the name")} of AttentionModel {other.Key} already; choose another one"));
            }
        }
    }
}
