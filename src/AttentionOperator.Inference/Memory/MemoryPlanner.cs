using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models;
using AttentionOperator.Inference.Models.Blocks;
using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Quantization;
using AttentionOperator.Inference.Simd;
using AttentionOperator.Inference.Weights;

namespace AttentionOperator.Inference.Memory;

/// <summary>Plans memory from config.json.</summary>
public static class MemoryPlanner
{
    /// <summary>Reads the directory's config.json; needs no weights.</summary>
    /// <exception cref="ModelFormatException">The configuration is not one that can be run.</exception>
    public static MemoryPlan Plan(string directory, MemoryPlanOptions options) =>
        Plan(Architectures.DescribeModel(ConfigReader.Open(directory, "config.json"), TensorNames.Usual), options);

    public static MemoryPlan Plan(ModelDescription model, MemoryPlanOptions options)
    {
        var stored = model.StoredType == "float32" ? 4 : 2;
        if (ExecutorChoice.For(model, options.Executor, options.Precision, options.Cuda) == ExecutorKind.Simd)
            return Simd(model, options, stored);
        var element = options.Precision switch
        {
            Precision.Float32 => 4,
            Precision.BFloat16 or Precision.Float16 => 2,
            _ => options.Cuda ? stored : 4,
        };
        var sameType = element == stored && (element == 4 || options.Precision is Precision.Auto || Name(options.Precision) == model.StoredType);
        return new MemoryPlan(
            Weights(model, options.Precision, stored, element, sameType, element),
            KeyValues(model.Decoder, l => l.Attention, element),
            KeyValues(model.Encoder is null ? null : model.Decoder, l => l.CrossAttention!, element),
            new ActivationModel(model, element, options.Cuda));
    }

    /// <summary>Matrices as they are stored, also those that are converted to an equally large type; vectors in float32.</summary>
    private static MemoryPlan Simd(ModelDescription model, MemoryPlanOptions options, int stored)
    {
        var rounds = options.Precision == Precision.BFloat16 && model.StoredType != "bfloat16";
        var quantized = options.Precision is Precision.Int8 or Precision.Int4;
        return new MemoryPlan(
            Weights(model, options.Precision, stored, rounds ? 2 : stored, sameType: !rounds, vector: 4),
            KeyValues(model.Decoder, l => l.Attention, SimdWeights.CacheTypeOf(options.Precision).Size()),
            0,
            new SimdActivationModel(model, quantized, !quantized && (rounds || stored == 2), options.Threads ?? Environment.ProcessorCount));
    }

    private static string Name(Precision precision) => precision == Precision.BFloat16 ? "bfloat16" : "float16";

    private static long KeyValues(StackDescription? stack, Func<LayerDescription, AttentionDescription> attention, int element) =>
        stack?.Layers.Sum(l => 2L * attention(l).KeyValueSize * element) ?? 0;

    private static long Weights(ModelDescription model, Precision precision, int stored, int element, bool sameType, int vector)
    {
        int? bits = precision switch
        {
            Precision.Int8 => 8,
            Precision.Int4 => 4,
            _ => null,
        };
        var matrices = DescriptionTensors.LinearsOf(model).DistinctBy(l => l.Weight.Name).ToDictionary(l => l.Weight.Name);
        var tables = new[] { model.Encoder, model.Decoder }.OfType<StackDescription>()
            .SelectMany(s => new[] { s.Embedding.Tokens, s.Embedding.Positions, s.Embedding.Types })
            .OfType<TensorDescription>().Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        return DescriptionTensors.Of(model).Sum(tensor =>
        {
            var isTable = tables.Contains(tensor.Name);
            if (!matrices.TryGetValue(tensor.Name, out var linear))
                return tensor.ElementCount * (isTable ? stored : vector);
            var table = isTable ? tensor.ElementCount * stored : 0;
            if (bits is { } b)
                return table + QuantizedMatrix.Bytes(linear.StoredRows, linear.InputSize, b);
            return isTable && sameType ? table : table + tensor.ElementCount * element;
        });
    }
}
