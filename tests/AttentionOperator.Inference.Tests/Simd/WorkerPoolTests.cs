using AttentionOperator.Inference.Simd.Threading;

namespace AttentionOperator.Inference.Tests.Simd;

public sealed class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_task_of_many_operations_runs_once(int threads)
    {
        using var pool = new WorkerPool(threads);
        var work = new Counting(200);
        for (var operation = 1; operation <= 3000; operation++)
        {
            var tasks = operation * 37 % 200;
            work.Expected = tasks;
            pool.Run(work, tasks);
            Assert.Equal(tasks, work.Take());
        }

        Assert.InRange(work.HighestWorker, 0, threads - 1);
    }

    [Fact]
    public void Sleeping_workers_are_woken()
    {
        using var pool = new WorkerPool(3);
        using var all = new Barrier(3);
        // Nobody gets past the barrier before all three have a task of their own.
        for (var i = 0; i < 3; i++)
        {
            pool.Run(new Meeting(all), 3);
            Thread.Sleep(2);
        }

        Assert.Equal(3, all.CurrentPhaseNumber);
    }

    [Fact]
    public void What_a_task_throws_reaches_the_caller_and_the_pool_goes_on()
    {
        using var pool = new WorkerPool(2);
        Assert.Throws<InvalidOperationException>(() => pool.Run(new Failing(), 10));
        var work = new Counting(10) { Expected = 10 };
        pool.Run(work, 10);
        Assert.Equal(10, work.Take());
    }

    private sealed class Counting(int capacity) : ParallelWork
    {
        private readonly int[] _runs = new int[capacity];

        public int Expected { get; set; }

        public int HighestWorker { get; private set; }

        public override void Run(int task, int worker)
        {
            Interlocked.Increment(ref _runs[task]);
            if (worker > HighestWorker)
                HighestWorker = worker;
        }

        /// <summary>How many tasks ran exactly once; fails where one ran more often or out of range.</summary>
        public int Take()
        {
            Assert.All(_runs.AsSpan(0, Expected).ToArray(), n => Assert.Equal(1, n));
            Assert.All(_runs.AsSpan(Expected).ToArray(), n => Assert.Equal(0, n));
            Array.Clear(_runs);
            return Expected;
        }
    }

    private sealed class Meeting(Barrier barrier) : ParallelWork
    {
        public override void Run(int task, int worker) => Assert.True(barrier.SignalAndWait(TimeSpan.FromMinutes(1)));
    }

    private sealed class Failing : ParallelWork
    {
        public override void Run(int task, int worker) => throw new InvalidOperationException($"task {task}");
    }
}
