using System.Globalization;
using AttentionOperator.Bench.Results;
using AttentionOperator.InferenceBench;
using AttentionOperator.InferenceBench.Decoders;
using AttentionOperator.InferenceBench.Encoders;

if (args is [FirstToken.Argument, var model])
{
    FirstToken.Run(model);
    return;
}

var root = FindRoot();
var directory = Directory.CreateTempSubdirectory("inference-bench-").FullName;
var run = new BenchRun(root, directory, double.Parse(Option("--seconds") ?? "4", CultureInfo.InvariantCulture));
var only = Option("--only");
try
{
    var (float32, bfloat16) = (Path.Combine(directory, "f32"), Path.Combine(directory, "bf16"));
    LlamaShape.Write(float32, bfloat16: false);
    LlamaShape.Write(bfloat16, bfloat16: true);
    if (only is null or "decoders")
        await new DecoderSection(run).RunAsync(float32, bfloat16);
    if (only is null or "encoders")
        new EncoderSection(run).Run();
    if (only is null or "start")
        StartSection.Run(run, float32);
}
finally
{
    Directory.Delete(directory, recursive: true);
}

// A part of the figures is for trying things out; the file holds them all, of one run.
if (only is null)
    BenchmarkReport.Create("inference", "make bench-inference", root, run.Metrics, [.. run.Notes]).Write(root);

string? Option(string name) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;

static string FindRoot()
{
    for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        if (File.Exists(Path.Combine(at.FullName, "AttentionOperator.sln")))
            return at.FullName;
    return Environment.CurrentDirectory;
}
