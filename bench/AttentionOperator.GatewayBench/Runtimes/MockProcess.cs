using System.Globalization;
using System.Net;
using System.Text.Json;
using AttentionOperator.Bench.Results;

namespace AttentionOperator.GatewayBench.Runtimes;

/// <summary>Mock runtimes in a process of their own, so that they share neither memory nor threads with whoever measures.</summary>
internal sealed class MockProcess : IDisposable
{
    public const string Verb = "runtimes";
    private readonly MeasuredProcess process;

    private MockProcess(MeasuredProcess process, IReadOnlyList<IPEndPoint> endPoints)
    {
        this.process = process;
        EndPoints = endPoints;
    }

    public IReadOnlyList<IPEndPoint> EndPoints { get; }

    public static async Task<MockProcess> StartAsync(int pods, MockBehaviour behaviour, IPAddress address, string directory, CancellationToken cancellation)
    {
        var file = Path.Combine(directory, Guid.NewGuid().ToString("N"));
        var process = new MeasuredProcess(Environment.ProcessPath!, [Verb, pods.ToString(CultureInfo.InvariantCulture), address.ToString(), file, JsonSerializer.Serialize(behaviour)]);
        while (!File.Exists(file))
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException("The mock runtimes ended before they were ready.");
            }

            await Task.Delay(20, cancellation);
        }

        return new MockProcess(process, [.. (await File.ReadAllLinesAsync(file, cancellation)).Select(IPEndPoint.Parse)]);
    }

    /// <summary>The child's main: serves until its standard input ends.</summary>
    public static async Task<int> ServeAsync(IReadOnlyList<string> args)
    {
        var behaviour = JsonSerializer.Deserialize<MockBehaviour>(args[3])!;
        var pods = Enumerable.Range(0, int.Parse(args[0], CultureInfo.InvariantCulture)).Select(_ => new MockPod(IPAddress.Parse(args[1]), behaviour)).ToList();
        await File.WriteAllLinesAsync(args[2] + ".part", pods.Select(p => p.EndPoint.ToString()));
        File.Move(args[2] + ".part", args[2]);
        await Console.In.ReadToEndAsync();
        pods.ForEach(p => p.Dispose());
        return 0;
    }

    public void Dispose() => process.Dispose();
}
