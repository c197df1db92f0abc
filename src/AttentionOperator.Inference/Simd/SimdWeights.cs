using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Quantization;
using AttentionOperator.Inference.Simd.Kernels;
using AttentionOperator.Inference.Weights;

namespace AttentionOperator.Inference.Simd;

/// <summary>
/// Weights of a description, shared by the executors of a model. Matrices are used as they are stored, whatever their type; only
/// bfloat16 asked for of a wider file and quantization make copies. Vectors (norms, biases) are held in float32.
/// </summary>
internal sealed unsafe class SimdWeights(WeightStore store, Precision precision) : IDisposable
{
    private readonly Dictionary<string, SimdMatrix> _matrices = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Name, float Offset), NativeBuffer> _vectors = [];

    /// <summary>Element type of the key-value cache.</summary>
    public ElementType CacheType { get; } = CacheTypeOf(precision);

    public static ElementType CacheTypeOf(Precision precision) => precision == Precision.BFloat16 ? ElementType.BFloat16 : ElementType.Float32;

    public StoredTensor Stored(TensorDescription tensor) => store.Get(tensor);

    public SimdMatrix Matrix(LinearDescription linear)
    {
        if (!_matrices.TryGetValue(linear.Weight.Name, out var matrix))
            _matrices[linear.Weight.Name] = matrix = Make(linear);
        return matrix;
    }

    /// <summary>A vector in float32, plus an offset.</summary>
    public float* Vector(TensorDescription tensor, float offset = 0)
    {
        if (!_vectors.TryGetValue((tensor.Name, offset), out var buffer))
        {
            var values = store.Get(tensor).ToSingles();
            _vectors[(tensor.Name, offset)] = buffer = new NativeBuffer();
            var target = buffer.ReserveFloats(values.Length);
            for (var i = 0; i < values.Length; i++)
                target[i] = values[i] + offset;
        }

        return buffer.Floats;
    }

    public NormParameters Norm(NormDescription? norm) =>
        norm is null ? default : new(Vector(norm.Weight, norm.WeightOffset), norm.Bias is null ? null : Vector(norm.Bias));

    public void Dispose()
    {
        foreach (var matrix in _matrices.Values)
            matrix.Dispose();
        foreach (var vector in _vectors.Values)
            vector.Dispose();
        _matrices.Clear();
        _vectors.Clear();
    }

    private SimdMatrix Make(LinearDescription linear)
    {
        var stored = store.Get(linear.Weight);
        if (precision is Precision.Int8 or Precision.Int4)
            return new QuantizedSimdMatrix(WeightQuantizer.Quantize(stored, linear, precision == Precision.Int8 ? 8 : 4));
        if (precision == Precision.BFloat16 && stored.Type != ElementType.BFloat16)
        {
            var rounded = Round(stored);
            return Dense(linear, rounded.Bytes, ElementType.BFloat16, rounded);
        }

        return Dense(linear, (byte*)stored.Address, stored.Type, null);
    }

    private static SimdMatrix Dense(LinearDescription linear, byte* data, ElementType type, NativeBuffer? owned) => linear.InputMajor
        ? new TransposedSimdMatrix(data, type, linear.InputSize, linear.StoredRows, owned)
        : new DenseSimdMatrix(data, type, linear.InputSize, owned);

    private static NativeBuffer Round(StoredTensor stored)
    {
        var buffer = new NativeBuffer();
        var target = (ushort*)buffer.Reserve(stored.ElementCount * sizeof(ushort));
        var part = new float[4096];
        for (long start = 0; start < stored.ElementCount; start += part.Length)
        {
            var values = part.AsSpan(0, (int)Math.Min(part.Length, stored.ElementCount - start));
            stored.Read(start, values);
            for (var i = 0; i < values.Length; i++)
                target[start + i] = BFloat16Format.Round(values[i]);
        }

        return buffer;
    }
}
