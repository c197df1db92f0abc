using System.Globalization;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Fidelity;
using AttentionOperator.Inference;

// attention-fidelity [--cuda | --quality | --entropy-cost] DIRECTORY [fixture ...]
// attention-fidelity --quality-on TEXT DIRECTORY MODEL [MODEL ...]
// With --quality: what bfloat16, int8 and int4 cost against float32, per decoder. With --entropy-cost: what the entropy probe adds to a prefill.
// With --cuda: computes on the first CUDA device.
// Runs the demands of a directory of reference fixtures; a row per fixture with the largest deviation of each quantity.
if (args is ["--quality-on", var text, var models, .. { Length: > 0 } decoders])
{
    foreach (var precision in new[] { Precision.BFloat16, Precision.Int8, Precision.Int4 })
        foreach (var name in decoders)
            Console.WriteLine(QualityReport.MeasureOn(text, models, name, precision));
    return 0;
}

var option = args is ["--cuda" or "--quality" or "--entropy-cost", ..] ? args[0] : null;
if (option is not null)
    args = args[1..];
if (args.Length == 0 || !Directory.Exists(args[0]))
{
    Console.Error.WriteLine("usage: attention-fidelity [--cuda | --quality | --entropy-cost] DIRECTORY [fixture ...]");
    return 2;
}

var names = args.Length > 1 ? args[1..] : [.. Fixtures.In(args[0])];
if (option == "--entropy-cost")
{
    foreach (var name in names)
        if (EntropyCost.Measure(args[0], name) is { } cost)
            Console.WriteLine(cost);
    return 0;
}

if (option == "--quality")
{
    foreach (var precision in new[] { Precision.BFloat16, Precision.Int8, Precision.Int4 })
        foreach (var name in names)
            if (QualityReport.Measure(args[0], name, precision) is { } measured)
                Console.WriteLine(measured);
    return 0;
}

var failed = 0;
foreach (var name in names)
{
    var report = Fixtures.Run(args[0], name, new LoadOptions { Executor = ExecutorKind.Libtorch, Cuda = option == "--cuda" });
    failed += report.Failures.Count > 0 ? 1 : 0;
    var quantities = report.Quantities.OrderBy(q => q.Key, StringComparer.Ordinal).Select(q => q.Value.Tolerance == 0
        ? $"{q.Key} {q.Value.Count - (int)q.Value.Deviation}/{q.Value.Count}"
        : string.Create(CultureInfo.InvariantCulture, $"{q.Key} {q.Value.Deviation:0.0e+0}"));
    Console.WriteLine($"{(report.Failures.Count == 0 ? "ok  " : "FAIL")} {name,-20} {string.Join("  ", quantities)}");
    foreach (var failure in report.Failures.Take(8))
        Console.WriteLine($"     {failure}");
    if (report.Failures.Count > 8)
        Console.WriteLine($"     … {report.Failures.Count - 8} more");
}

Console.WriteLine($"{names.Length - failed} of {names.Length} fixtures within tolerance");
return names.Length == 0 || failed > 0 ? 1 : 0;
