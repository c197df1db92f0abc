using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Inference.Artifacts;
using AttentionOperator.Runtime.Startup;

namespace AttentionOperator.Runtime.Tests;

public sealed class StartFailureTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("attention-start-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_pinned_digest_must_match_and_a_shell_can_compute_it()
    {
        var model = Copy("llama-untied");
        var digest = ArtifactDigest.Compute(model);
        using var shell = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh")
        {
            ArgumentList = { "-c", @"find -L . -type f ! -path '*/.*' -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum" },
            WorkingDirectory = model,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal(digest, "sha256:" + (await shell.StandardOutput.ReadToEndAsync())[..64]);

        await using (var served = await GoldenServer.LoadAsync(model, GoldenServer.Configuration(ModelTask.Generate) with { ModelDigest = digest })) Assert.Equal(digest, served.ModelDigest);
        await File.AppendAllTextAsync(Path.Combine(model, "config.json"), " ");
        var failure = await FailureAsync(model, c => c with { ModelDigest = digest });
        Assert.Equal(StartFailureReason.ModelDigestMismatch, failure.Reason);
        Assert.Contains(digest, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pinned_fingerprint_must_match() =>
        Assert.Equal(StartFailureReason.TokenizerDigestMismatch, (await FailureAsync(Copy("llama-untied"), c => c with { TokenizerDigest = "sha256:00" })).Reason);

    [Fact]
    public async Task A_missing_directory_is_named()
    {
        var failure = await FailureAsync(Path.Combine(_directory, "nowhere"));
        Assert.Equal(StartFailureReason.ModelNotFound, failure.Reason);
        Assert.Contains("nowhere", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damaged_weights_are_named()
    {
        var model = Copy("llama-untied");
        var file = Path.Combine(model, "model.safetensors");
        await using (var stream = new FileStream(file, FileMode.Open)) stream.SetLength(stream.Length / 2);
        var failure = await FailureAsync(model);
        Assert.Equal(StartFailureReason.ModelFormatInvalid, failure.Reason);
        Assert.Contains("model.safetensors", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_weights_are_named()
    {
        var model = Copy("llama-untied");
        File.Delete(Path.Combine(model, "model.safetensors"));
        var failure = await FailureAsync(model);
        Assert.Contains("model.safetensors", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_architecture_is_named()
    {
        var model = Copy("llama-untied");
        var config = Path.Combine(model, "config.json");
        await File.WriteAllTextAsync(config, (await File.ReadAllTextAsync(config)).Replace("LlamaForCausalLM", "MambaForCausalLM", StringComparison.Ordinal));
        var failure = await FailureAsync(model);
        Assert.Equal(StartFailureReason.UnsupportedArchitecture, failure.Reason);
        Assert.Contains("MambaForCausalLM", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_tokenizer_is_named()
    {
        var model = Copy("llama-untied");
        await File.WriteAllTextAsync(Path.Combine(model, "tokenizer.json"), "{");
        Assert.Equal(StartFailureReason.TokenizerInvalid, (await FailureAsync(model)).Reason);
    }

    [Theory]
    [InlineData("llama-untied", ModelTask.Embed)]
    [InlineData("bert-mean", ModelTask.Generate)]
    [InlineData("bert-seqcls", ModelTask.Rerank)]
    [InlineData("t5", ModelTask.Classify)]
    public async Task A_model_that_cannot_do_the_task_is_refused(string fixture, ModelTask task) =>
        Assert.Equal(StartFailureReason.TaskMismatch, (await FailureAsync(GoldenServer.Directory(fixture), c => c with { Task = task })).Reason);

    [Fact]
    public async Task A_cache_that_is_too_small_fails_with_the_numbers()
    {
        var failure = await FailureAsync(Copy("llama-untied"), c => c with { Batching = c.Batching with { CacheMemory = "100Ki" } });
        Assert.Equal(StartFailureReason.OutOfMemoryPlan, failure.Reason);
        Assert.Contains("512 tokens", failure.Message, StringComparison.Ordinal);
        Assert.Contains("MiB", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"model":"m"}""")]
    [InlineData("""{"model":"m","namespace":"n","revision":"r","task":"Generate","surprise":1}""")]
    [InlineData("""{"model":"m","namespace":"n","revision":"r","task":"Dance"}""")]
    [InlineData("""{"model":"m","namespace":"n","revision":"r","task":"Generate","limits":{"maxInputTokens":0}}""")]
    public void A_broken_configuration_is_refused(string json)
    {
        var path = Path.Combine(_directory, "runtime.json");
        File.WriteAllText(path, json);
        Assert.Equal(StartFailureReason.ConfigurationInvalid, Assert.Throws<StartFailureException>(() => ConfigurationFile.Read(path)).Reason);
    }

    [Theory]
    [InlineData("127.0.0.5:80", null, "127.0.0.5:80")]
    [InlineData("[::1]:9000", null, "[::1]:9000")]
    [InlineData(null, "127.1.2.3", "127.1.2.3:8000")]
    [InlineData(null, "10.0.0.4", "0.0.0.0:8000")]
    [InlineData(null, null, "0.0.0.0:8000")]
    [InlineData(null, "fd00::4", "[::]:8000")]
    public void Listens_where_the_contract_says(string? listen, string? podIp, string expected) => Assert.Equal(expected, ListenAddress.Resolve(listen, podIp).ToString());

    [Fact]
    public void Termination_messages_survive_the_way_and_stay_short()
    {
        var message = new TerminationMessage(StartFailureReason.OutOfMemoryPlan, string.Concat(Enumerable.Repeat("\u0001\"näö😀", 2000)));
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(message.ToLine()), 1, TerminationMessage.MaxBytes);
        Assert.DoesNotContain('\n', message.ToLine());
        Assert.Equal(StartFailureReason.OutOfMemoryPlan, TerminationMessage.Parse(message.ToLine())!.Reason);
        var small = new TerminationMessage(StartFailureReason.ModelNotFound, "no \"such\" directory");
        Assert.Equal(small, TerminationMessage.Parse(small.ToLine() + "\n"));
        Assert.Null(TerminationMessage.Parse("Killed"));
    }

    private string Copy(string fixture)
    {
        var target = Path.Combine(_directory, fixture);
        Directory.CreateDirectory(target);
        foreach (var file in Directory.EnumerateFiles(GoldenServer.Directory(fixture))) File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        return target;
    }

    private static Task<StartFailureException> FailureAsync(string model, Func<RuntimeConfiguration, RuntimeConfiguration>? configure = null)
    {
        var configuration = GoldenServer.Configuration(ModelTask.Generate);
        return Assert.ThrowsAsync<StartFailureException>(() => GoldenServer.LoadAsync(model, configure?.Invoke(configuration) ?? configuration));
    }
}
