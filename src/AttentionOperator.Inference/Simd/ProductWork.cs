using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Simd.Kernels;
using AttentionOperator.Inference.Simd.Threading;

namespace AttentionOperator.Inference.Simd;

/// <summary>Products of the same input with up to three projections, cut into tasks of output rows.</summary>
internal sealed unsafe class ProductWork(KernelSet kernels, int workers) : ParallelWork, IDisposable
{
    /// <summary>Least weights per task: handing it out costs as long as reading a few kilobytes.</summary>
    private const long MinTaskBytes = 32 << 10;

    private const int TasksPerWorker = 6;

    private readonly NativeBuffer[] _scratch = [.. Enumerable.Range(0, workers).Select(_ => new NativeBuffer())];
    private readonly Part[] _parts = new Part[3];
    private int _count, _tile;
    private ProductInput _input;

    public void Begin(ProductInput input) => (_input, _count) = (input, 0);

    /// <param name="bias">Of the stored rows; null = none.</param>
    public void Add(SimdMatrix matrix, RowSelection selection, float* bias, RowsView y) => _parts[_count++] = new Part(matrix, selection, bias, y);

    public void Run(WorkerPool pool)
    {
        long outputs = 0;
        for (var i = 0; i < _count; i++)
            outputs += _parts[i].Selection.Count;
        var least = Math.Max(1, MinTaskBytes / Math.Max(1, _parts[0].Matrix.BytesPerOutput));
        // Whole numbers of every kernel's tile, 3, 4 or 8 wide.
        _tile = (int)((Math.Max(least, outputs / (pool.Count * TasksPerWorker)) + 23) / 24 * 24);
        var tasks = 0;
        for (var i = 0; i < _count; i++)
        {
            _parts[i].FirstTask = tasks;
            tasks += (_parts[i].Selection.Count + _tile - 1) / _tile;
        }

        pool.Run(this, tasks);
    }

    public override void Run(int task, int worker)
    {
        var i = _count - 1;
        while (_parts[i].FirstTask > task)
            i--;
        ref var part = ref _parts[i];
        var first = (task - part.FirstTask) * _tile;
        var last = Math.Min(first + _tile, part.Selection.Count);
        part.Matrix.Multiply(kernels, _input, part.Selection, first, last, part.Y, _scratch[worker]);
        if (part.Bias == null)
            return;
        for (var row = 0; row < _input.Rows.Rows; row++)
            AddBias(part.Y.Row(row), part.Bias, part.Selection, first, last);
    }

    public void Dispose()
    {
        foreach (var buffer in _scratch)
            buffer.Dispose();
    }

    private static void AddBias(float* y, float* bias, RowSelection selection, int first, int last)
    {
        if (selection.Groups == 1)
        {
            bias += selection.Start;
            for (var n = first; n < last; n++)
                y[n] += bias[n];
            return;
        }

        for (var n = first; n < last; n++)
            y[n] += bias[selection[n]];
    }

    private struct Part(SimdMatrix matrix, RowSelection selection, float* bias, RowsView y)
    {
        public readonly SimdMatrix Matrix = matrix;
        public readonly RowSelection Selection = selection;
        public readonly float* Bias = bias;
        public readonly RowsView Y = y;
        public int FirstTask;
    }
}
