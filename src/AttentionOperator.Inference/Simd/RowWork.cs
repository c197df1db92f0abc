using AttentionOperator.Inference.Simd.Threading;

namespace AttentionOperator.Inference.Simd;

/// <summary>Work on rows one by one; spread over the workers where there are enough of them.</summary>
internal abstract class RowWork : ParallelWork
{
    /// <summary>A few rows take less time than waking somebody.</summary>
    private const int RowsPerTask = 8;

    private int _rows;

    public void RunRows(WorkerPool pool, int rows)
    {
        _rows = rows;
        if (rows <= RowsPerTask)
            Rows(0, rows);
        else
            pool.Run(this, (rows + RowsPerTask - 1) / RowsPerTask);
    }

    public sealed override void Run(int task, int worker) => Rows(task * RowsPerTask, Math.Min((task + 1) * RowsPerTask, _rows));

    /// <summary>Rows [first, last).</summary>
    protected abstract void Rows(int first, int last);
}
