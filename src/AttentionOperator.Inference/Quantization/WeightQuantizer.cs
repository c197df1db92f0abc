using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Weights;

namespace AttentionOperator.Inference.Quantization;

/// <summary>Quantizes stored matrices, output rows first whatever way they are stored.</summary>
public static class WeightQuantizer
{
    public static QuantizedMatrix Quantize(StoredTensor stored, LinearDescription linear, int bits, int groupSize = QuantizedMatrix.DefaultGroupSize)
    {
        var (rows, columns) = (linear.StoredRows, linear.InputSize);
        if (!linear.InputMajor)
            return QuantizedMatrix.Quantize(rows, columns, bits, (row, values) => stored.Read((long)row * columns, values), groupSize);
        var all = stored.ToSingles();
        return QuantizedMatrix.Quantize(rows, columns, bits, (row, values) =>
        {
            for (var column = 0; column < columns; column++)
                values[column] = all[(long)column * rows + row];
        }, groupSize);
    }
}
