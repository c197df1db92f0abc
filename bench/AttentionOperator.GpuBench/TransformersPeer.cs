using System.Diagnostics;
using System.Text.Json;

namespace AttentionOperator.GpuBench;

/// <summary>Runs transformers_peer.py.</summary>
internal sealed class TransformersPeer(JsonElement result)
{
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "transformers_peer.py");

    public float[] Logits => [.. result.GetProperty("logits").EnumerateArray().Select(v => v.GetSingle())];

    public double Rate(string name) => result.GetProperty(name).GetDouble();

    public static void Write(string python, string shape, string directory) => Run(python, Script, "write", shape, directory);

    public static TransformersPeer Measure(string python, string directory) =>
        new(JsonDocument.Parse(Run(python, Script, "measure", directory).Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement);

    public static string Device(string python) =>
        Run(python, "-c", "import torch, transformers; print(torch.cuda.get_device_name(0) + ', torch ' + torch.__version__ + ', transformers ' + transformers.__version__)").Trim();

    private static string Run(string python, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(python, arguments) { RedirectStandardOutput = true })!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? text : throw new InvalidOperationException($"{python} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }
}
