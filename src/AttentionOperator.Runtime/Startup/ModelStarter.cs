using System.Text.Json;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Values;
using AttentionOperator.Inference;
using AttentionOperator.Inference.Artifacts;
using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Execution.Cuda;
using AttentionOperator.Inference.Execution.Torch;
using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Runtime.Metrics;
using AttentionOperator.Runtime.Serving;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Runtime.Startup;

/// <summary>Turns directories into a <see cref="ServedModel"/>, phase by phase. What fails is a <see cref="StartFailureException"/>.</summary>
internal sealed partial class ModelStarter(RuntimeMetrics metrics, PhaseTimer phases, TimeProvider clock, ILogger<ModelStarter> logger, StepJournal? journal = null)
{
    private const string ConfigFile = "config.json";

    public async Task<ServedModel> StartAsync(RuntimeConfiguration configuration, ServeArguments arguments, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(arguments.Model)) throw new StartFailureException(StartFailureReason.ModelNotFound, $"The model directory {arguments.Model} does not exist.");
        if (!File.Exists(Path.Combine(arguments.Model, ConfigFile))) throw new StartFailureException(StartFailureReason.ModelNotFound, $"The model directory {arguments.Model} has no {ConfigFile}; a published model directory is expected.");
        var digest = configuration.ModelDigest is null ? null : phases.Run(PhaseTimer.Digest, () => CheckDigest(configuration, arguments.Model, cancellationToken));
        // Neither needs the other; together they take as long as the slower one.
        var reading = Task.Run(() => phases.Run(PhaseTimer.Tokenizer, () => LoadTokenizer(configuration, arguments.Tokenizer ?? arguments.Model)), cancellationToken);
        var loaded = phases.Run(PhaseTimer.Weights, () => LoadWeights(configuration, arguments));
        ServedModel? served = null;
        try
        {
            var tokenizer = await reading;
            CheckTask(configuration.Task, loaded);
            if (tokenizer.Tokenizer.VocabularySize > loaded.Description.VocabularySize)
            {
                throw new StartFailureException(StartFailureReason.TokenizerInvalid,
                    $"The tokenizer has {tokenizer.Tokenizer.VocabularySize} entries, the model {loaded.Description.VocabularySize}; it is another model's tokenizer.");
            }

            served = loaded.Kind == ModelKind.Encoder
                ? StartEncoder(configuration, arguments, tokenizer, loaded, digest)
                : StartGenerator(configuration, tokenizer, loaded, digest);
            await phases.RunAsync(PhaseTimer.WarmUp, () => WarmUp.RunAsync(served, loaded.Description.VocabularySize, limited: !loaded.Options.Cuda, clock, cancellationToken));
            return served;
        }
        catch
        {
            if (served is not null) await served.DisposeAsync();
            else loaded.Dispose();
            throw;
        }
    }

    private static string CheckDigest(RuntimeConfiguration configuration, string directory, CancellationToken cancellationToken)
    {
        var digest = ArtifactDigest.Compute(directory, cancellationToken);
        return digest == configuration.ModelDigest
            ? digest
            : throw new StartFailureException(StartFailureReason.ModelDigestMismatch, $"The model in {directory} has the digest {digest}; the spec pins {configuration.ModelDigest}. Pin this one, or put the right files there.");
    }

    private LoadedTokenizer LoadTokenizer(RuntimeConfiguration configuration, string directory)
    {
        LoadedTokenizer loaded;
        try
        {
            loaded = TokenizerLoader.Load(directory, clock);
        }
        catch (Exception e) when (e is TokenizerFormatException or IOException or UnauthorizedAccessException)
        {
            throw new StartFailureException(StartFailureReason.TokenizerInvalid, $"The tokenizer in {directory} cannot be used: {e.Message}", e);
        }

        var fingerprint = loaded.Tokenizer.Fingerprint;
        if (configuration.TokenizerDigest is { } pinned && pinned != fingerprint)
        {
            throw new StartFailureException(StartFailureReason.TokenizerDigestMismatch, $"The tokenizer in {directory} has the fingerprint {fingerprint}; the spec pins {pinned}.");
        }

        if (loaded.ChatTemplateError is { } problem) LogTemplate(logger, problem.Message);
        return loaded;
    }

    /// <summary>Bytes that the memory plan may use: the container's limit, or what is free on the device that computes.</summary>
    private static long AvailableMemory(LoadedModel loaded) => loaded.Options.Cuda && CudaMemory.Read() is { } device
        ? device.FreeBytes
        : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    private static LoadedModel LoadWeights(RuntimeConfiguration configuration, ServeArguments arguments)
    {
        try
        {
            var cuda = arguments.Device == DeviceChoice.Cuda || (arguments.Device == DeviceChoice.Auto && TorchRuntime.FindsCuda(configuration.Threads));
            return ModelLoader.Load(arguments.Model, new LoadOptions { Precision = configuration.Precision, Attention = configuration.Attention, Cuda = cuda, Threads = configuration.Threads });
        }
        catch (ModelFormatException e)
        {
            // An architecture that nobody describes is no defect of the files.
            var reason = e.Field == "architectures" ? StartFailureReason.UnsupportedArchitecture : StartFailureReason.ModelFormatInvalid;
            throw new StartFailureException(reason, e.Message, e);
        }
        catch (NotSupportedException e)
        {
            throw new StartFailureException(StartFailureReason.UnsupportedArchitecture, e.Message, e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new StartFailureException(StartFailureReason.ModelNotFound, e.Message, e);
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or BadImageFormatException)
        {
            throw new StartFailureException(StartFailureReason.DeviceUnavailable, $"The native library cannot be loaded: {e.InnerException?.Message ?? e.Message}", e);
        }
    }

    private static void CheckTask(ModelTask task, LoadedModel loaded)
    {
        var description = loaded.Description;
        var fits = task switch
        {
            ModelTask.Generate => loaded.Kind == ModelKind.Decoder,
            ModelTask.Seq2Seq => loaded.Kind == ModelKind.EncoderDecoder,
            ModelTask.Embed => loaded.Kind == ModelKind.Encoder,
            ModelTask.Rerank => description is { Kind: ModelKind.Encoder, Classifier: not null, Labels.Count: 1 },
            _ => description is { Kind: ModelKind.Encoder, Classifier: not null },
        };
        if (fits) return;
        throw new StartFailureException(StartFailureReason.TaskMismatch,
            $"'task' is {task}, but {description.Architecture} is {(loaded.Kind == ModelKind.Encoder ? $"an encoder with {(description.Classifier is null ? "no classification head" : $"{description.Labels.Count} labels")}" : $"of kind {loaded.Kind}")}.");
    }

    private ServedModel StartGenerator(RuntimeConfiguration configuration, LoadedTokenizer tokenizer, LoadedModel loaded, string? digest)
    {
        var description = loaded.Description;
        var plan = phases.Run(PhaseTimer.Plan, () => CachePlan.Make(
            loaded.Plan(), description.MaxPositions, configuration, AvailableMemory(loaded)));
        LogPlan(logger, plan.BlockCount, plan.BlockSize, plan.Bytes / 1048576.0);
        var batching = configuration.Batching;
        var batchTokens = configuration.Limits.MaxBatchTokens;
        var options = new GenerationEngineOptions();
        options = options with
        {
            MaxBatchTokens = batchTokens,
            MaxSequences = Math.Min(batching.MaxSequences, batchTokens),
            MaxChunkTokens = Math.Min(options.MaxChunkTokens, batchTokens),
            MaxQueuedRequests = batching.MaxQueuedRequests ?? options.MaxQueuedRequests,
            MaxQueuedTokens = batching.MaxQueuedTokens ?? Math.Max(options.MaxQueuedTokens, description.MaxPositions),
            StepFailed = e => LogStepFailed(logger, e),
            StepDone = metrics.Engine.StepDone,
            StepBegins = journal is null ? null : journal.Begin,
            EntropySampleRatio = configuration.EntropySampleRatio,
            EntropyMeasured = metrics.Entropy.Observe,
        };
        return phases.Run(PhaseTimer.Engine, () => Guarded(() =>
        {
            var executor = loaded.Kind == ModelKind.EncoderDecoder
                ? loaded.CreateSeq2SeqExecutor(plan.BlockSize, plan.BlockCount, options.MaxSequences)
                : loaded.CreateDecoderExecutor(plan.BlockSize, plan.BlockCount);
            var engine = new GenerationEngine(executor, tokenizer.Tokenizer, options, clock);
            var positions = (int)Math.Min(description.MaxPositions, (long)plan.BlockSize * plan.BlockCount);
            // An encoder's input is computed in one step, with the decoder's first token.
            var longest = loaded.Kind == ModelKind.EncoderDecoder ? Math.Min(description.MaxPositions, options.MaxBatchTokens - 1) : positions - 1;
            return new ServedModel
            {
                Configuration = configuration,
                Tokenizer = tokenizer.Tokenizer,
                ChatTemplate = tokenizer.ChatTemplate is { } template ? new PublishedTemplate(template) : null,
                ChatTemplateProblem = tokenizer.ChatTemplateError is { } problem ? $"This model's chat template cannot be used: {problem.Message}" : null,
                Generation = engine,
                EngineEnded = engine.Ended,
                EngineFault = () => engine.Fault,
                OnGpu = loaded.Options.Cuda,
                CacheBlockSize = plan.BlockSize,
                MaxPositions = positions,
                MaxInputTokens = Math.Min(configuration.Limits.MaxInputTokens ?? int.MaxValue, longest),
                MaxOutputTokens = configuration.Limits.MaxOutputTokens,
                EndTokenIds = [.. tokenizer.EndOfSequenceIds.Union(loaded.Generation.EndIds)],
                DefaultSampling = Sampling(loaded.Generation),
                ModelDigest = digest,
                LoadedAt = clock.GetUtcNow(),
                Resources = [executor, loaded],
            };
        }));
    }

    private ServedModel StartEncoder(RuntimeConfiguration configuration, ServeArguments arguments, LoadedTokenizer tokenizer, LoadedModel loaded, string? digest)
    {
        var batching = configuration.Batching;
        phases.Run(PhaseTimer.Plan, () => CachePlan.CheckEncoder(
            loaded.Plan(), loaded.Description.MaxPositions, configuration, AvailableMemory(loaded)));
        var options = new EncoderEngineOptions();
        options = options with
        {
            MaxBatchTokens = configuration.Limits.MaxBatchTokens,
            MaxBatchRequests = batching.MaxSequences,
            MaxDelay = batching.MaxDelay is { } delay ? Durations.Parse(delay) : TimeSpan.Zero,
            MaxQueuedRequests = batching.MaxQueuedRequests ?? options.MaxQueuedRequests,
            MaxQueuedTokens = batching.MaxQueuedTokens ?? options.MaxQueuedTokens,
            StepFailed = e => LogStepFailed(logger, e),
            StepDone = metrics.Engine.StepDone,
            StepBegins = journal is null ? null : journal.Begin,
        };
        return phases.Run(PhaseTimer.Engine, () => Guarded(() =>
        {
            var executor = loaded.CreateEncoderExecutor();
            var engine = new EncoderEngine(executor, options, clock);
            var longest = Math.Min(executor.MaxPositions, configuration.Limits.MaxBatchTokens);
            return new ServedModel
            {
                Configuration = configuration,
                Tokenizer = tokenizer.Tokenizer,
                Encoder = engine,
                EngineEnded = engine.Ended,
                EngineFault = () => engine.Fault,
                OnGpu = loaded.Options.Cuda,
                MaxPositions = longest,
                MaxInputTokens = Math.Min(configuration.Limits.MaxInputTokens ?? int.MaxValue, longest),
                EmbeddingDimensions = configuration.Task == ModelTask.Embed ? executor.HiddenSize : 0,
                Labels = loaded.Description.Labels,
                IndependentLabels = IsMultiLabel(arguments.Model),
                ModelDigest = digest,
                LoadedAt = clock.GetUtcNow(),
                Resources = [executor, loaded],
            };
        }));
    }

    private static T Guarded<T>(Func<T> start)
    {
        try
        {
            return start();
        }
        catch (ModelFormatException e)
        {
            throw new StartFailureException(StartFailureReason.ModelFormatInvalid, e.Message, e);
        }
        catch (NotSupportedException e)
        {
            throw new StartFailureException(StartFailureReason.DeviceUnavailable, e.Message, e);
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or BadImageFormatException)
        {
            throw new StartFailureException(StartFailureReason.DeviceUnavailable, $"The native library cannot be loaded: {e.InnerException?.Message ?? e.Message}", e);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new StartFailureException(StartFailureReason.ConfigurationInvalid, e.Message, e);
        }
        catch (OutOfMemoryException e)
        {
            throw new StartFailureException(StartFailureReason.OutOfMemory, e.Message, e);
        }
    }

    private static SamplingParameters Sampling(GenerationDefaults defaults)
    {
        var none = new SamplingParameters();
        // Published defaults speak of sampling; where a model is published for greedy decoding they say nothing to us.
        return new SamplingParameters
        {
            Temperature = (float)(defaults.Temperature ?? none.Temperature),
            TopK = defaults.DoSample ? defaults.TopK ?? none.TopK : none.TopK,
            TopP = (float)(defaults.TopP is > 0 and var topP ? topP : none.TopP),
            MinP = (float)(defaults.MinP ?? none.MinP),
            RepetitionPenalty = (float)(defaults.RepetitionPenalty ?? none.RepetitionPenalty),
        };
    }

    private static bool IsMultiLabel(string directory)
    {
        using var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(directory, ConfigFile)));
        return config.RootElement.TryGetProperty("problem_type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("multi_label_classification");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The chat template cannot be used, chat completions are off: {Problem}")]
    private static partial void LogTemplate(ILogger logger, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "Key-value cache: {Blocks} blocks of {Size} tokens, {Mebibytes:0.0} MiB")]
    private static partial void LogPlan(ILogger logger, int blocks, int size, double mebibytes);

    [LoggerMessage(Level = LogLevel.Error, Message = "An engine step failed")]
    private static partial void LogStepFailed(ILogger logger, Exception e);
}
