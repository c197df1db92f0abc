namespace AttentionOperator.Inference.Simd.Threading;

/// <summary>Independent tasks of one operation. Kept and refilled between steps, so that handing it to the pool allocates nothing.</summary>
internal abstract class ParallelWork
{
    /// <summary>Computes task <paramref name="task"/> on worker <paramref name="worker"/> (0 is the caller), whose scratch memory it may use.</summary>
    public abstract void Run(int task, int worker);
}
