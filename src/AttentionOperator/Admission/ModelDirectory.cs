using System.Text.Json;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;

namespace AttentionOperator.Admission;

/// <summary>Which AttentionModels clients reach under a name: a model's own name or an alias.</summary>
internal sealed class ModelDirectory
{
    private const string Names = "client-name";

    private readonly SharedInformer<KubeObject> models;

    public ModelDirectory(ModelCaches caches)
    {
        models = caches.Models;
        models.AddIndex(Names, NamesOf);
    }

    public bool HasSynced => models.HasSynced;

    public IEnumerable<NamedModel> Find(string name) =>
        models.ByIndex(Names, name).Where(model => !model.IsDeleting).Select(model => new NamedModel(model.Key, IsAlias: model.Key.Name != name));

    private static IEnumerable<string> NamesOf(KubeObject model)
    {
        yield return model.Key.Name;

        // Most models have no aliases: looking for the word is cheaper than reading the object.
        if (model.Json.Span.IndexOf("\"aliases\""u8) < 0)
        {
            yield break;
        }

        AttentionModel read;
        try
        {
            read = model.As<AttentionModel>();
        }
        catch (JsonException)
        {
            yield break;
        }

        foreach (var alias in read.Spec?.Traffic?.Aliases ?? [])
        {
            if (alias is not null && alias != model.Key.Name)
            {
                yield return alias;
            }
        }
    }
}
