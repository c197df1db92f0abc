using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models;
using AttentionOperator.Inference.Models.Blocks;
using AttentionOperator.Inference.Weights;

namespace AttentionOperator.Inference;

/// <summary>Opens published model directories.</summary>
public static class ModelLoader
{
    /// <summary>
    /// Reads the configuration, maps the weights and checks every tensor's presence and shape. Nothing is copied or computed yet:
    /// an executor does that.
    /// </summary>
    /// <exception cref="ModelFormatException">The directory cannot be loaded faithfully.</exception>
    public static LoadedModel Load(string directory, LoadOptions? options = null)
    {
        var config = ConfigReader.Open(directory, "config.json");
        var weights = WeightStore.Open(directory);
        try
        {
            var description = Architectures.DescribeModel(config, new TensorNames(weights.Names));
            WeightCheck.Verify(description, weights);
            options ??= new LoadOptions();
            return new LoadedModel(
                AttentionOverride.Apply(description, options.Attention), weights, GenerationDefaults.Read(directory, config), EmbeddingPooling.Read(directory), options);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }
}
