using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Fidelity;
using AttentionOperator.Inference.Quantization;
using CsCheck;

namespace AttentionOperator.Inference.Tests.Execution;

public sealed class QuantizationTests
{
    [Fact]
    public void Errors_stay_within_half_a_step_of_the_group() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[1, 70], Gen.Bool.Select(b => b ? 4 : 8), Gen.Int[0, 2].Select(i => 2 << (2 * i)), Gen.Int[0, 10_000]).Sample((rows, columns, bits, group, seed) =>
        {
            var random = new Random(seed);
            var values = Enumerable.Range(0, rows * columns).Select(_ => (float)(random.NextDouble() * 2 - 1)).ToArray();
            var matrix = QuantizedMatrix.Quantize(rows, columns, bits, (row, span) => values.AsSpan(row * columns, columns).CopyTo(span), group);
            var restored = new float[columns];
            for (var row = 0; row < rows; row++)
            {
                matrix.Dequantize(row, restored);
                for (var column = 0; column < columns; column++)
                    Assert.InRange(Math.Abs(restored[column] - values[row * columns + column]), 0, matrix.Scales[row * matrix.Groups + column / group] * 0.5001f + 1e-6f);
            }

            Assert.All(matrix.Scales.Concat(matrix.Minima), value => Assert.Equal(0u, BitConverter.SingleToUInt32Bits(value) & 0xFFFF));
            Assert.Equal(matrix.ByteLength, matrix.Data.Length + 2L * (matrix.Scales.Length + matrix.Minima.Length));
        }, iter: 300);

    [Theory]
    [InlineData("llama-untied", Precision.BFloat16, 0.999)]
    [InlineData("llama-untied", Precision.Int8, 0.995)]
    [InlineData("llama-untied", Precision.Int4, 0.9)]
    [InlineData("gpt2", Precision.Int8, 0.995)]
    [InlineData("gpt-neox", Precision.Int8, 0.995)]
    [InlineData("phi3", Precision.Int4, 0.9)]
    public void Lower_precision_stays_close(string fixture, Precision precision, double cosine)
    {
        var report = QualityReport.Measure(GoldenDirectory.Path, fixture, precision)!;
        Assert.InRange(report.MeanCosine, cosine, 1 - 1e-9);
        Assert.InRange(report.Perplexity / report.ReferencePerplexity, 0.7, 1.4);
        Assert.InRange(report.Divergence, 1e-12, 0.5);
    }
}
