using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Quantization;
using AttentionOperator.Inference.Simd;
using AttentionOperator.Inference.Simd.Kernels;
using AttentionOperator.Inference.Weights;
using CsCheck;

namespace AttentionOperator.Inference.Tests.Simd;

/// <summary>Kernels of both widths against loops in double, for sizes with and without tails. Where the processor lacks a width the runtime emulates it.</summary>
public sealed unsafe class KernelTests
{
    private static readonly KernelSet[] Sets = [new KernelSet<Lanes256>(), new KernelSet<Lanes512>()];

    private static readonly Gen<(int Rows, int Columns, int Outputs, int Seed)> Shapes =
        Gen.Select(Gen.Int[1, 37], Gen.Frequency((9, Gen.Int[1, 150]), (1, Gen.Int[750, 1700])), Gen.Int[1, 70], Gen.Int[0, 100_000]);

    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.BFloat16)]
    [InlineData(ElementType.Float16)]
    public void Products_equal_the_naive_ones_and_rows_are_independent(ElementType type) => Shapes.Sample(shape =>
    {
        var (rows, columns, outputs, seed) = shape;
        var random = new Random(seed);
        var (stride, selection) = (columns + random.Next(3), new RowSelection(random.Next(3), 2, outputs, 2 + random.Next(3)));
        using var x = Floats(random, rows * stride);
        using var w = Elements(random, (selection.Start + outputs * selection.GroupStride) * columns, type);
        using var y = new NativeBuffer();
        using var alone = new NativeBuffer();
        using var scratch = new NativeBuffer();
        y.ReserveFloats(rows * selection.Count);
        alone.ReserveFloats(selection.Count);
        var first = random.Next(selection.Count);
        foreach (var set in Sets)
        {
            var input = new RowsView(x.Floats, stride, rows);
            var stored = new StoredView(w.Bytes, columns * type.Size(), selection);
            set.Dot(type, input, columns, stored, first, selection.Count, new RowsView(y.Floats, selection.Count, rows), seed % 2 == 0 ? scratch : null);
            for (var r = 0; r < rows; r++)
            {
                set.Dot(type, input.Slice(r, 1), columns, stored, first, selection.Count, new RowsView(alone.Floats, selection.Count, 1));
                for (var n = first; n < selection.Count; n++)
                {
                    double expected = 0;
                    for (var k = 0; k < columns; k++)
                        expected += (double)x.Floats[r * stride + k] * Element(w, selection[n] * columns + k, type);
                    Assert.Equal(expected, y.Floats[r * selection.Count + n], 1e-4);
                    Assert.Equal(alone.Floats[n], y.Floats[r * selection.Count + n]);
                }
            }
        }
    }, iter: 60, threads: 1);

    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.BFloat16)]
    [InlineData(ElementType.Float16)]
    public void Transposed_products_equal_the_naive_ones_and_rows_are_independent(ElementType type) => Shapes.Sample(shape =>
    {
        var (rows, inner, outputs, seed) = shape;
        var random = new Random(seed);
        using var x = Floats(random, rows * inner);
        using var w = Elements(random, inner * outputs, type);
        using var y = new NativeBuffer();
        using var alone = new NativeBuffer();
        y.ReserveFloats(rows * outputs);
        alone.ReserveFloats(outputs);
        foreach (var set in Sets)
        {
            new Span<float>(y.Floats, rows * outputs).Fill(0.5f);
            var input = new RowsView(x.Floats, inner, rows);
            set.Outer(type, input, inner, w.Bytes, outputs * type.Size(), 0, outputs, new RowsView(y.Floats, outputs, rows));
            for (var r = 0; r < rows; r++)
            {
                new Span<float>(alone.Floats, outputs).Fill(0.5f);
                set.Outer(type, input.Slice(r, 1), inner, w.Bytes, outputs * type.Size(), 0, outputs, new RowsView(alone.Floats, outputs, 1));
                for (var n = 0; n < outputs; n++)
                {
                    var expected = 0.5;
                    for (var k = 0; k < inner; k++)
                        expected += (double)x.Floats[r * inner + k] * Element(w, k * outputs + n, type);
                    Assert.Equal(expected, y.Floats[r * outputs + n], 1e-4);
                    Assert.Equal(alone.Floats[n], y.Floats[r * outputs + n]);
                }
            }
        }
    }, iter: 60, threads: 1);

    [Theory]
    [InlineData(8)]
    [InlineData(4)]
    public void Quantized_products_equal_the_products_of_what_the_quantized_values_stand_for(int bits) => Shapes.Sample(shape =>
    {
        var (rows, columns, outputs, seed) = shape;
        var random = new Random(seed);
        using var x = Floats(random, rows * columns);
        var matrix = QuantizedMatrix.Quantize(outputs, columns, bits, (_, values) => Fill(random, values));
        using var weights = new QuantizedSimdMatrix(matrix);
        using var data = new NativeBuffer();
        using var scales = new NativeBuffer();
        using var sums = new NativeBuffer();
        using var scratch = new NativeBuffer();
        using var y = new NativeBuffer();
        using var alone = new NativeBuffer();
        y.ReserveFloats(rows * outputs);
        alone.ReserveFloats(outputs);
        var groups = matrix.Groups;
        var quantized = new QuantizedRows((sbyte*)data.Reserve(rows * groups * 32), scales.ReserveFloats(rows * groups), sums.ReserveFloats(rows * groups), groups, rows);
        ActivationQuantizer.Run(new RowsView(x.Floats, columns, rows), columns, quantized, 0, rows);
        weights.Multiply(Sets[0], new ProductInput(default, quantized), RowSelection.All(outputs), 0, outputs, new RowsView(y.Floats, outputs, rows), scratch);
        var row = new float[columns];
        for (var r = 0; r < rows; r++)
        {
            var own = new QuantizedRows(quantized.Row(r), scales.Floats + r * groups, sums.Floats + r * groups, groups, 1);
            weights.Multiply(Sets[0], new ProductInput(default, own), RowSelection.All(outputs), 0, outputs, new RowsView(alone.Floats, outputs, 1), scratch);
            for (var n = 0; n < outputs; n++)
            {
                matrix.Dequantize(n, row);
                double expected = 0;
                for (var k = 0; k < columns; k++)
                {
                    var value = scales.Floats[r * groups + k / 32] * quantized.Row(r)[k];
                    Assert.InRange(Math.Abs(value - x.Floats[r * columns + k]), 0, scales.Floats[r * groups + k / 32] * 0.5001f);
                    expected += (double)value * row[k];
                }

                Assert.Equal(expected, y.Floats[r * outputs + n], 1e-4);
                Assert.Equal(alone.Floats[n], y.Floats[r * outputs + n]);
            }
        }
    }, iter: 60, threads: 1);

    [Theory]
    [InlineData(8)]
    [InlineData(4)]
    public void Quantized_products_of_a_selection_are_those_of_its_rows(int bits) => Shapes.Sample(shape =>
    {
        var (rows, columns, outputs, seed) = shape;
        var random = new Random(seed);
        var selection = new RowSelection(random.Next(11), 1 + random.Next(9), outputs, 9 + random.Next(4));
        var stored = selection.Start + outputs * selection.GroupStride;
        using var x = Floats(random, rows * columns);
        using var weights = new QuantizedSimdMatrix(QuantizedMatrix.Quantize(stored, columns, bits, (_, values) => Fill(random, values)));
        using var data = new NativeBuffer();
        using var scales = new NativeBuffer();
        using var sums = new NativeBuffer();
        using var scratch = new NativeBuffer();
        using var all = new NativeBuffer();
        using var y = new NativeBuffer();
        var groups = (columns + 31) / 32;
        var quantized = new QuantizedRows((sbyte*)data.Reserve(rows * groups * 32), scales.ReserveFloats(rows * groups), sums.ReserveFloats(rows * groups), groups, rows);
        ActivationQuantizer.Run(new RowsView(x.Floats, columns, rows), columns, quantized, 0, rows);
        weights.Multiply(Sets[0], new ProductInput(default, quantized), RowSelection.All(stored), 0, stored, new RowsView(all.ReserveFloats(rows * stored), stored, rows), scratch);
        var (first, last) = (random.Next(selection.Count), selection.Count);
        new Span<float>(y.ReserveFloats(rows * last), rows * last).Fill(7);
        weights.Multiply(Sets[0], new ProductInput(default, quantized), selection, first, last, new RowsView(y.Floats, last, rows), scratch);
        for (var r = 0; r < rows; r++)
            for (var n = 0; n < last; n++)
                Assert.Equal(n < first ? 7 : all.Floats[r * stored + selection[n]], y.Floats[r * last + n]);
    }, iter: 60, threads: 1);

    [Theory]
    [InlineData(NormKind.LayerNorm)]
    [InlineData(NormKind.RmsNorm)]
    public void Norms_equal_the_naive_ones(NormKind kind) => Gen.Select(Gen.Int[1, 150], Gen.Int[0, 1000]).Sample((size, seed) =>
    {
        var random = new Random(seed);
        using var x = Floats(random, size);
        using var weight = Floats(random, size);
        using var bias = Floats(random, size);
        using var y = new NativeBuffer();
        y.ReserveFloats(size);
        var values = new Span<float>(x.Floats, size).ToArray();
        var mean = kind == NormKind.LayerNorm ? values.Average(v => (double)v) : 0;
        var deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)) + 1e-3);
        foreach (var set in Sets)
        {
            set.Norm(kind, x.Floats, weight.Floats, seed % 2 == 0 ? null : bias.Floats, 1e-3f, size, y.Floats);
            for (var i = 0; i < size; i++)
                Assert.Equal((values[i] - mean) / deviation * weight.Floats[i] + (seed % 2 == 0 ? 0 : bias.Floats[i]), y.Floats[i], 2e-5);
        }
    }, iter: 100, threads: 1);

    [Theory]
    [InlineData(ActivationKind.Relu)]
    [InlineData(ActivationKind.Silu)]
    [InlineData(ActivationKind.Gelu)]
    [InlineData(ActivationKind.GeluTanh)]
    [InlineData(ActivationKind.QuickGelu)]
    [InlineData(ActivationKind.Tanh)]
    public void Activations_equal_their_formulas(ActivationKind kind)
    {
        foreach (var set in Sets)
        {
            for (var size = 1; size <= 40; size++)
            {
                using var x = Floats(new Random(size), size);
                new Span<float>(x.Floats, Math.Min(size, 4)).Clear();
                x.Floats[size / 2] = -90;
                x.Floats[size - 1] = 60;
                using var up = Floats(new Random(size + 1), size);
                var before = new Span<float>(x.Floats, size).ToArray();
                set.Activate(kind, x.Floats, up.Floats, size);
                for (var i = 0; i < size; i++)
                    Assert.Equal(Expected(kind, before[i]) * up.Floats[i], x.Floats[i], 1e-5);
            }
        }
    }

    [Fact]
    public void Exponentials_soft_caps_and_rotations_equal_their_formulas()
    {
        foreach (var set in Sets)
        {
            using var x = Floats(new Random(3), 48);
            x.Floats[7] = x.Floats[40] = float.NegativeInfinity;
            var before = new Span<float>(x.Floats, 48).ToArray();
            var sum = set.Exponentials(x.Floats, 48);
            Assert.Equal(before.Sum(v => Math.Exp(v - before.Max())), sum, 1e-4);
            for (var i = 0; i < 48; i++)
                Assert.Equal(Math.Exp(before[i] - before.Max()), x.Floats[i], 1e-6);

            using var capped = Floats(new Random(4), 21);
            var uncapped = new Span<float>(capped.Floats, 21).ToArray();
            set.SoftCap(capped.Floats, 0.7f, 21);
            for (var i = 0; i < 21; i++)
                Assert.Equal(0.7 * Math.Tanh(uncapped[i] / 0.7), capped.Floats[i], 1e-6);

            using var head = Floats(new Random(5), 50);
            using var angles = Floats(new Random(6), 46);
            var original = new Span<float>(head.Floats, 50).ToArray();
            set.Rotate(head.Floats, angles.Floats, 23);
            for (var i = 0; i < 23; i++)
            {
                Assert.Equal(original[i] * angles.Floats[i] - original[23 + i] * angles.Floats[23 + i], head.Floats[i], 1e-6);
                Assert.Equal(original[23 + i] * angles.Floats[i] + original[i] * angles.Floats[23 + i], head.Floats[23 + i], 1e-6);
            }

            Assert.Equal(original[46..], new Span<float>(head.Floats + 46, 4).ToArray());
        }
    }

    [Fact]
    public void Half_precision_is_widened_exactly()
    {
        using var source = new NativeBuffer();
        source.Reserve(16 * 2);
        float[] values = [0, -0f, 1, -2, 65504, -65504, (float)Half.Epsilon, -6.1e-5f, 3.05e-5f, 0.1f, 1 / 3f, 1024, -1e-7f, 2e-6f, 5, 6];
        for (var i = 0; i < 16; i++)
            ((Half*)source.Bytes)[i] = (Half)values[i];
        var target = stackalloc float[16];
        Lanes256.Store(Lanes256.LoadFloat16((ushort*)source.Bytes), target);
        Lanes256.Store(Lanes256.LoadFloat16((ushort*)source.Bytes + 8), target + 8);
        Assert.Equal(values.Select(v => (float)(Half)v), new Span<float>(target, 16).ToArray());
        Lanes512.Store(Lanes512.LoadFloat16((ushort*)source.Bytes), target);
        Assert.Equal(values.Select(v => (float)(Half)v), new Span<float>(target, 16).ToArray());
    }

    private static double Expected(ActivationKind kind, double x) => kind switch
    {
        ActivationKind.Relu => Math.Max(0, x),
        ActivationKind.Silu => x / (1 + Math.Exp(-x)),
        ActivationKind.Gelu => x / 2 * (1 + Erf(x / Math.Sqrt(2))),
        ActivationKind.GeluTanh => x / 2 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
        ActivationKind.QuickGelu => x / (1 + Math.Exp(-1.702 * x)),
        _ => Math.Tanh(x),
    };

    /// <summary>By its power series where that converges, else its limit.</summary>
    private static double Erf(double x)
    {
        if (Math.Abs(x) > 5)
            return Math.Sign(x);
        double sum = 0, term = x;
        for (var n = 0; n < 120; n++)
        {
            sum += term / (2 * n + 1);
            term *= -x * x / (n + 1);
        }

        return sum * 2 / Math.Sqrt(Math.PI);
    }

    private static NativeBuffer Floats(Random random, int count)
    {
        var buffer = new NativeBuffer();
        Fill(random, new Span<float>(buffer.ReserveFloats(count), count));
        return buffer;
    }

    private static void Fill(Random random, Span<float> values)
    {
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)(random.NextDouble() * 2 - 1);
    }

    private static NativeBuffer Elements(Random random, int count, ElementType type)
    {
        var buffer = new NativeBuffer();
        var bytes = buffer.Reserve((long)count * type.Size());
        for (var i = 0; i < count; i++)
        {
            var value = (float)(random.NextDouble() * 2 - 1);
            if (type == ElementType.Float32)
                ((float*)bytes)[i] = value;
            else if (type == ElementType.BFloat16)
                ((ushort*)bytes)[i] = BFloat16Format.Round(value);
            else
                ((Half*)bytes)[i] = (Half)value;
        }

        return buffer;
    }

    private static float Element(NativeBuffer buffer, int index, ElementType type) => type switch
    {
        ElementType.Float32 => buffer.Floats[index],
        ElementType.BFloat16 => BFloat16Format.Load(buffer.Bytes + 2 * index),
        _ => (float)((Half*)buffer.Bytes)[index],
    };
}
