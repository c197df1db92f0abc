using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace AttentionOperator.EndToEnd;

/// <summary>The README's commands, as a user types them.</summary>
public sealed partial class QuickstartTests
{
    [Fact]
    public async Task Unattended_TellsTheStory_AndLeavesNoProcess()
    {
        var (code, output) = await RunAsync(ProductPaths.Quickstart, ["--root", ProductPaths.Root, "--configuration", ProductPaths.Configuration, "--unattended"]);
        Assert.True(code == 0, output);
        Assert.Contains("The first completion:", output, StringComparison.Ordinal);
        Assert.Contains("It is a truth universally acknowledged, that", output, StringComparison.Ordinal);
        Assert.Matches(@"Embeddings: cosine -?0\.\d\d", output);
        await AssertNothingRunsAsync();
    }

    [Fact]
    public async Task Attended_RunsThePrintedCommands_RefusesASecondStart_AndStops()
    {
        using var first = Start(ProductPaths.Quickstart, ["--root", ProductPaths.Root, "--configuration", ProductPaths.Configuration]);
        var output = await ReadUntilAsync(first.StandardOutput, "Running until Ctrl-C");

        foreach (Match command in PrintedCurl().Matches(output))
        {
            var (code, answer) = await RunAsync("bash", ["-c", command.Value.Trim()]);
            Assert.True(code == 0, answer);
            Assert.DoesNotContain("\"error\"", answer, StringComparison.Ordinal);
            Assert.Matches("\"(text|content|embedding)\"", answer);
        }

        var (second, refusal) = await RunAsync(ProductPaths.Quickstart, ["--root", ProductPaths.Root, "--configuration", ProductPaths.Configuration, "--unattended"]);
        Assert.Equal(1, second);
        Assert.Contains($"process {first.Id}", refusal, StringComparison.Ordinal);

        var (stop, said) = await RunAsync(Path.Combine(ProductPaths.Root, "build", "stop.sh"), []);
        Assert.True(stop == 0, said);
        await first.WaitForExitAsync(TestContext.Current.CancellationToken);
        await AssertNothingRunsAsync();
    }

    [Fact]
    public async Task KilledStarter_TakesEverythingWithIt()
    {
        using var starter = Start(ProductPaths.Quickstart, ["--root", ProductPaths.Root, "--configuration", ProductPaths.Configuration]);
        await ReadUntilAsync(starter.StandardOutput, "Running until Ctrl-C");
        starter.Kill();
        await starter.WaitForExitAsync(TestContext.Current.CancellationToken);
        await AssertNothingRunsAsync();
    }

    [GeneratedRegex(@"^\s+curl .*$", RegexOptions.Multiline)]
    private static partial Regex PrintedCurl();

    /// <summary>The Sandbox is told to end by its closed input, and ends its pods first: this waits for the last of them.</summary>
    private static Task AssertNothingRunsAsync() => ProductFixture.EventuallyAsync(
        () => Task.FromResult(OfThisCheckout()), processes => processes.Count == 0);

    private static List<string> OfThisCheckout()
    {
        var mark = Path.Combine(ProductPaths.Root, ".sandbox");
        return [.. Directory.EnumerateDirectories("/proc").Where(d => int.TryParse(Path.GetFileName(d), CultureInfo.InvariantCulture, out _)).Select(CommandLine)
            .Where(c => c.Contains("attention-", StringComparison.Ordinal) && c.Contains(mark, StringComparison.Ordinal))];
    }

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static Process Start(string program, IEnumerable<string> arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        WorkingDirectory = ProductPaths.Root,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private static async Task<(int Code, string Output)> RunAsync(string program, IEnumerable<string> arguments)
    {
        using var process = Start(program, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(ProductFixture.Patience);
        return (process.ExitCode, await output + await errors);
    }

    private static async Task<string> ReadUntilAsync(StreamReader reader, string mark)
    {
        var lines = new List<string>();
        using var limit = new CancellationTokenSource(ProductFixture.Patience);
        while (await reader.ReadLineAsync(limit.Token) is { } line)
        {
            lines.Add(line);
            if (line.Contains(mark, StringComparison.Ordinal)) return string.Join('\n', lines);
        }

        Assert.Fail($"'{mark}' never came:\n{string.Join('\n', lines)}");
        return "";
    }
}
