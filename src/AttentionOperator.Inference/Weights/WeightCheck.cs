using System.Text.RegularExpressions;
using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Weights;

/// <summary>Compares a description with what is stored, before anything is computed.</summary>
public static class WeightCheck
{
    /// <summary>Every needed tensor is there in its shape, and every other one is known to be harmless.</summary>
    /// <exception cref="ModelFormatException">Names the tensor, and the shapes found and expected.</exception>
    public static void Verify(ModelDescription model, WeightStore store)
    {
        var needed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in DescriptionTensors.Of(model))
        {
            store.Get(tensor);
            needed.Add(tensor.Name);
        }

        foreach (var name in store.Names)
        {
            if (!needed.Contains(name) && !model.HarmlessTensors.Any(p => Regex.IsMatch(name, $"^(?:{p})$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)))
                throw new ModelFormatException(store.Tensors.TryGetValue(name, out var tensor) ? tensor.File : "model.safetensors", name, $"{model.Architecture} has no use for this tensor; the configuration and the weights do not belong together");
        }
    }
}
