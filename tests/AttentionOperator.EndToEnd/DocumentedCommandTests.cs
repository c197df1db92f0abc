using System.Diagnostics;

namespace AttentionOperator.EndToEnd;

/// <summary>Runs what the documents tell people to type, in the order of the documents, with the real kubectl and helm.</summary>
public sealed class DocumentedCommandTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly string Tools = Path.Combine(ProductPaths.Root, "artifacts", "tools");

    [Fact]
    public void Blocks_that_are_not_run_say_why() =>
        Assert.All(DocumentedCommands.All().Where(block => block.NotRunBecause is not null), block => Assert.True(block.NotRunBecause!.Length > 20, block.ToString()));

    /// <summary>Installation with the chart, a model until it is Ready, looking at it, upgrade, rollback and removal.</summary>
    [Fact(Explicit = true)]
    public Task Commands_on_a_cluster_with_the_product_do_what_the_documents_say() => RunAsync(
        [.. Runnable().Where(block => !IsKustomize(block)).OrderBy(block => block.Document == "docs/install.md" ? IsAfterInstallation(block) ? 2 : 0 : 1)]);

    [Fact(Explicit = true)]
    public Task Commands_with_kustomize_do_what_the_documents_say() => RunAsync([.. Runnable().Where(IsKustomize)], "--faked-pods");

    private static IEnumerable<DocumentedCommands.Block> Runnable() => DocumentedCommands.All().Where(block => block.NotRunBecause is null);

    private static bool IsKustomize(DocumentedCommands.Block block) => block.Commands.Contains("apply -k", StringComparison.Ordinal);

    private static bool IsAfterInstallation(DocumentedCommands.Block block) =>
        new[] { "helm upgrade", "helm rollback", "helm uninstall" }.Any(word => block.Commands.Contains(word, StringComparison.Ordinal));

    private static async Task RunAsync(IReadOnlyList<DocumentedCommands.Block> blocks, params string[] options)
    {
        Assert.NotEmpty(blocks);
        Assert.SkipUnless(File.Exists(Path.Combine(Tools, "kubectl")) && File.Exists(Path.Combine(Tools, "helm")), "kubectl and helm are not here; build/kubectl.sh fetches them");
        var directory = Directory.CreateTempSubdirectory("documented-").FullName;
        using var sandbox = Start(directory, options);
        try
        {
            await ProductFixture.EventuallyAsync(() => Task.FromResult(sandbox.HasExited || File.Exists(Path.Combine(directory, "ready"))), ready => ready);
            Assert.False(sandbox.HasExited, "the Sandbox ended");
            var work = Workplace(directory);
            foreach (var block in blocks)
            {
                var (code, output) = await ShellAsync(work, directory, block.Commands);
                Assert.True(code == 0, $"{block} ended with {code}:\n{block.Commands}\n{output}");
            }
        }
        finally
        {
            sandbox.StandardInput.Close();
            await sandbox.WaitForExitAsync().WaitAsync(Patience);
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>What a reader has in his directory: the source tree's, a model.yaml as the document shows it, and the kubeconfig of the quickstart.</summary>
    private static string Workplace(string directory)
    {
        var work = Directory.CreateDirectory(Path.Combine(directory, "work")).FullName;
        foreach (var name in (string[])["charts", "config", "crds"])
        {
            Directory.CreateSymbolicLink(Path.Combine(work, name), Path.Combine(ProductPaths.Root, name));
        }

        File.WriteAllText(Path.Combine(work, "model.yaml"), DocumentedCommands.YamlAfter("docs/install.md", "`model.yaml` is"));
        Directory.CreateDirectory(Path.Combine(work, ".sandbox"));
        File.CreateSymbolicLink(Path.Combine(work, ".sandbox", "kubeconfig"), Path.Combine(directory, "kubeconfig"));
        return work;
    }

    private static Process Start(string directory, string[] options)
    {
        var process = Process.Start(new ProcessStartInfo(
            ProductPaths.Sandbox,
            ["run", "--exit-on-stdin-close", "--kubeconfig", Path.Combine(directory, "kubeconfig"), "--ready-file", Path.Combine(directory, "ready"), "--volume", $"models={ProductPaths.SampleModels}", "--node", "name=node,cpu=32,memory=128Gi", .. options])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        // Nobody reads it, but a full pipe would stop the program.
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task<(int Code, string Output)> ShellAsync(string work, string directory, string commands)
    {
        var start = new ProcessStartInfo("/bin/bash", ["-e", "-u", "-o", "pipefail", "-c", commands]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = work };
        start.Environment["KUBECONFIG"] = Path.Combine(directory, "kubeconfig");
        start.Environment["HOME"] = directory;
        start.Environment["EDITOR"] = "true";
        start.Environment["PATH"] = $"{Tools}:{start.Environment["PATH"]}";
        using var shell = Process.Start(start)!;
        shell.StandardInput.Close();
        var output = shell.StandardOutput.ReadToEndAsync();
        var errors = shell.StandardError.ReadToEndAsync();
        try
        {
            await shell.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            shell.Kill(entireProcessTree: true);
            return (-1, $"did not end within {Patience}: {commands}");
        }

        return (shell.ExitCode, await output + await errors);
    }
}
