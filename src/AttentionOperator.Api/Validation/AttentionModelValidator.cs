using System.Globalization;
using System.Text.RegularExpressions;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Values;

namespace AttentionOperator.Api.Validation;

/// <summary>
/// Everything that makes an AttentionModel invalid: what its schema and CEL rules say, and what they cannot say. A pure function; an
/// empty answer means that every later step may rely on it.
/// </summary>
public static partial class AttentionModelValidator
{
    private static readonly string[] ReservedVariables =
        [EnvironmentNames.PodIp, EnvironmentNames.PodName, "POD_NAMESPACE", EnvironmentNames.TerminationLog, EnvironmentNames.InternalToken];

    public static IReadOnlyList<FieldError> Validate(AttentionModel model, ValidationOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        var errors = new List<FieldError>();
        if (model.Metadata.Name is not { Length: <= 63 })
        {
            errors.Add(new FieldError("metadata.name", $"has {model.Metadata.Name?.Length ?? 0} characters; at most 63 are allowed, because it becomes a label value"));
        }

        if (model.Spec is not { Model: not null, Limits: not null, Batching: not null, Runtime: not null, Resources: not null, Rollout: not null } spec)
        {
            errors.Add(new FieldError("spec", "holds a null object where one is required; leave the field out to get its default"));
            return errors;
        }

        SchemaValidator.Check(spec, "spec", errors);
        CheckUri("spec.model.uri", spec.Model.Uri, options, errors);
        if (spec.Tokenizer?.Uri is { } tokenizer)
        {
            CheckUri("spec.tokenizer.uri", tokenizer, options, errors);
        }

        CheckFetch(spec, errors);
        CheckLimits(spec, errors);
        CheckResources(spec, errors);
        CheckRuntime(spec.Runtime, errors);
        CheckPlacement(spec.Placement, errors);
        CheckRollout(spec.Rollout, errors);
        EvaluationValidator.Check(spec, errors);
        CheckObjectives(spec.Slo, errors);
        CheckObservability(spec.Observability, errors);
        CheckScaling(spec.Scaling, errors);
        return errors;
    }

    private static void CheckUri(string field, string uri, ValidationOptions options, List<FieldError> errors)
    {
        if (uri.Length == 0)
        {
            return; // Reported as required.
        }

        if (!ArtifactUri.TryParse(uri, out var parsed, out var error))
        {
            errors.Add(new FieldError(field, $"'{uri}' {error}"));
        }
        else if (parsed!.Scheme == ArtifactScheme.File && !options.HostPaths.Any(allowed => IsWithin(parsed.Path, allowed)))
        {
            var allowed = options.HostPaths.Count == 0 ? "none" : string.Join(", ", options.HostPaths);
            errors.Add(new FieldError(field, $"'{uri}' names a directory of the node that this installation does not allow (allowed: {allowed}); use pvc://<claim>/<path>, or start the operator with --allow-host-path"));
        }
    }

    private static void CheckFetch(AttentionModelSpec spec, List<FieldError> errors)
    {
        CheckPositive("spec.model.cache.size", spec.Model.Cache?.Size, errors);
        static bool IsFetched(string? uri) => ArtifactUri.TryParse(uri, out var parsed, out _) && parsed!.IsFetched;
        if (IsFetched(spec.Model.Uri) || IsFetched(spec.Tokenizer?.Uri))
        {
            foreach (var variable in (spec.Runtime.Env ?? []).Where(variable => FetchVariables.Credentials.Contains(variable.Name, StringComparer.Ordinal)))
            {
                errors.Add(new FieldError("spec.runtime.env", $"{variable.Name} is a credential of the source, and a spec is no place for one; put it into the Secret that model.secretRef names"));
            }

            return;
        }

        const string Unused = "is used for what is fetched (https://, s3://, hf://), and model.uri is mounted; remove it";
        if (spec.Model.SecretRef is not null)
        {
            errors.Add(new FieldError("spec.model.secretRef", Unused + ", or use runtime.imagePullSecrets for an image"));
        }

        if (spec.Model.Cache is not null)
        {
            errors.Add(new FieldError("spec.model.cache", Unused));
        }
    }

    private static bool IsWithin(string path, string directory)
    {
        var prefix = directory.TrimEnd('/');
        return path == prefix || path.StartsWith(prefix + "/", StringComparison.Ordinal);
    }

    private static void CheckLimits(AttentionModelSpec spec, List<FieldError> errors)
    {
        if (spec.Task is ModelTask.Embed or ModelTask.Classify or ModelTask.Rerank && spec.Limits.MaxInputTokens > spec.Limits.MaxBatchTokens)
        {
            errors.Add(new FieldError(
                "spec.limits.maxInputTokens",
                $"{spec.Limits.MaxInputTokens} exceeds limits.maxBatchTokens {spec.Limits.MaxBatchTokens}, and an encoder computes an input in one step; raise maxBatchTokens or lower maxInputTokens"));
        }
    }

    private static void CheckResources(AttentionModelSpec spec, List<FieldError> errors)
    {
        if (spec is { Precision: Precision.Float16, Resources.Accelerator: null })
        {
            errors.Add(new FieldError("spec.precision", "Float16 needs an accelerator; set resources.accelerator, or use BFloat16 or Float32 on the CPU"));
        }

        CheckAccelerator(spec, errors);
        CheckPositive("spec.resources.cpu", spec.Resources.Cpu, errors);
        CheckPositive("spec.resources.memory", spec.Resources.Memory, errors);
        CheckPositive("spec.batching.cacheMemory", spec.Batching.CacheMemory, errors);
        if (DeviceMemory.Check(spec) is { } tooMuch)
        {
            errors.Add(tooMuch);
        }

        if (spec.Resources.Accelerator is null
            && Quantities.TryParse(spec.Batching.CacheMemory, out var cache)
            && Quantities.TryParse(spec.Resources.Memory, out var memory)
            && cache >= memory)
        {
            errors.Add(new FieldError("spec.batching.cacheMemory", $"{spec.Batching.CacheMemory} leaves nothing of resources.memory {spec.Resources.Memory} for the model; lower it or raise resources.memory"));
        }
    }

    private static void CheckAccelerator(AttentionModelSpec spec, List<FieldError> errors)
    {
        if (spec.Resources.Accelerator is not { } accelerator)
        {
            return;
        }

        const string Field = "spec.resources.accelerator";
        CheckPositive(Field + ".memory", accelerator.Memory, errors);
        var standard = accelerator.ResourceName == new AcceleratorSpec().ResourceName;
        if (accelerator.MigProfile is not null && !standard)
        {
            errors.Add(new FieldError(Field + ".migProfile", $"names the resource itself, and resourceName is {accelerator.ResourceName}; remove one of them"));
        }

        if (accelerator.Claim is not null && (!standard || accelerator is not { MigProfile: null, Sharing: null, Product: null, Memory: null }))
        {
            errors.Add(new FieldError(Field + ".claim", "says what is allocated by its device class and selectors; remove resourceName, migProfile, sharing, product and memory"));
        }

        if (accelerator is { Claim: null, Memory: not null } or { Claim: null, Sharing: not null } && !accelerator.CountedAs().StartsWith("nvidia.com/", StringComparison.Ordinal))
        {
            errors.Add(new FieldError(Field, $"memory and sharing are known of nvidia.com resources only, and resourceName is {accelerator.ResourceName}; use placement.nodeSelector"));
        }

        if (accelerator.Sharing is AcceleratorSharing.TimeSlicing or AcceleratorSharing.Mps && accelerator.Count != 1)
        {
            errors.Add(new FieldError(Field + ".count", $"{accelerator.Count} shares of a device give no more memory or time than one; set it to 1"));
        }

        if (accelerator.Sharing == AcceleratorSharing.TimeSlicing && spec.Batching.CacheMemory is null)
        {
            errors.Add(new FieldError("spec.batching.cacheMemory", "is required on a device that is shared by time slices, because nothing else keeps a replica from taking the others' memory; set it"));
        }
    }

    private static void CheckPositive(string field, string? quantity, List<FieldError> errors)
    {
        if (Quantities.TryParse(quantity, out var value) && value <= 0)
        {
            errors.Add(new FieldError(field, $"{quantity} is not positive; leave the field out for no bound"));
        }
    }

    private static void CheckRuntime(RuntimeSpec runtime, List<FieldError> errors)
    {
        foreach (var variable in runtime.Env ?? [])
        {
            if (ReservedVariables.Contains(variable.Name, StringComparer.Ordinal))
            {
                errors.Add(new FieldError("spec.runtime.env", $"{variable.Name} is set by the operator; remove it"));
            }
        }

        if (runtime.Image is { } image && image.Any(character => char.IsWhiteSpace(character) || char.IsControl(character)))
        {
            errors.Add(new FieldError("spec.runtime.image", $"'{image}' holds white space; write it as registry/name:tag or registry/name@sha256:digest"));
        }

        CheckDuration("spec.runtime.startupTimeout", runtime.StartupTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1), errors);
        CheckDuration("spec.runtime.drainTimeout", runtime.DrainTimeout, TimeSpan.Zero, TimeSpan.FromDays(1), errors);
    }

    private static void CheckDuration(string field, string text, TimeSpan least, TimeSpan most, List<FieldError> errors)
    {
        if (Durations.TryParse(text, out var value) && (value < least || value > most))
        {
            errors.Add(new FieldError(field, $"{text} is out of bounds; it must be at least {Durations.Format(least)} and at most {Durations.Format(most)}"));
        }
    }

    private static void CheckPlacement(PlacementSpec? placement, List<FieldError> errors)
    {
        foreach (var (key, value) in placement?.NodeSelector ?? new Dictionary<string, string>())
        {
            if (!LabelKey().IsMatch(key) || !LabelValue().IsMatch(value ?? ""))
            {
                errors.Add(new FieldError("spec.placement.nodeSelector", $"'{key}: {value}' is no valid label"));
            }
        }

        foreach (var toleration in placement?.Tolerations ?? [])
        {
            if (toleration.OperatorProperty == "Exists" && !string.IsNullOrEmpty(toleration.Value))
            {
                errors.Add(new FieldError("spec.placement.tolerations", $"operator Exists takes no value, found '{toleration.Value}'; remove it or use operator Equal"));
            }
            else if (string.IsNullOrEmpty(toleration.Key) && toleration.OperatorProperty != "Exists")
            {
                errors.Add(new FieldError("spec.placement.tolerations", "an empty key needs operator Exists"));
            }

            if (toleration.TolerationSeconds is not null && toleration.Effect != "NoExecute")
            {
                errors.Add(new FieldError("spec.placement.tolerations", "tolerationSeconds needs effect NoExecute"));
            }
        }
    }

    private static void CheckRollout(RolloutSpec rollout, List<FieldError> errors)
    {
        CheckDuration("spec.rollout.progressDeadline", rollout.ProgressDeadline, TimeSpan.FromSeconds(1), TimeSpan.FromDays(7), errors);
        var previous = -1;
        foreach (var step in rollout.Steps ?? [])
        {
            if (step.Weight <= previous)
            {
                errors.Add(new FieldError("spec.rollout.steps", $"weight {step.Weight} follows {previous}; weights must rise"));
            }

            previous = step.Weight;
        }

        if (TryDecimal(rollout.Confidence, out var confidence) && confidence is < 0.5m or >= 1m)
        {
            errors.Add(new FieldError("spec.rollout.confidence", $"{rollout.Confidence} is out of bounds; it must be at least 0.5 and below 1"));
        }

        if (TryDecimal(rollout.MaxBurnRate, out var burnRate) && burnRate <= 0)
        {
            errors.Add(new FieldError("spec.rollout.maxBurnRate", $"{rollout.MaxBurnRate} is not positive; 1 tolerates exactly the error budget"));
        }
    }

    private static void CheckObjectives(SloSpec? slo, List<FieldError> errors)
    {
        foreach (var objective in slo?.Objectives ?? [])
        {
            var field = $"spec.slo.objectives[{objective.Name}]";
            if (TryDecimal(objective.Target, out var target) && target is <= 0 or >= 100)
            {
                errors.Add(new FieldError(field + ".target", $"{objective.Target} is out of bounds; it must be above 0 and below 100, because 100 leaves no error budget"));
            }

            var timed = objective.Type is ObjectiveType.Latency or ObjectiveType.TimeToFirstToken or ObjectiveType.TimePerOutputToken;
            if (timed == objective.Threshold is null)
            {
                errors.Add(new FieldError(field + ".threshold", timed ? $"is required for {objective.Type}; set it, for example to 500ms" : $"has no meaning for {objective.Type}; remove it"));
            }
        }
    }

    private static void CheckObservability(ObservabilitySpec? observability, List<FieldError> errors)
    {
        if (TryDecimal(observability?.EntropySampleRatio, out var ratio) && ratio > 1)
        {
            errors.Add(new FieldError("spec.observability.entropySampleRatio", $"{observability!.EntropySampleRatio} is above 1; it is a share of requests, for example 0.01"));
        }
    }

    private static void CheckScaling(ScalingSpec? scaling, List<FieldError> errors)
    {
        if (scaling is null)
        {
            return;
        }

        if (scaling.MinReplicas > scaling.MaxReplicas)
        {
            errors.Add(new FieldError("spec.scaling.minReplicas", $"{scaling.MinReplicas} exceeds scaling.maxReplicas {scaling.MaxReplicas}; lower it or raise maxReplicas"));
        }

        if (scaling is { MinReplicas: 0, IdleTimeout: null })
        {
            errors.Add(new FieldError("spec.scaling.idleTimeout", "is required when scaling.minReplicas is 0; set it, for example to 15m"));
        }

        if (scaling.IdleTimeout is { } idle)
        {
            CheckDuration("spec.scaling.idleTimeout", idle, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30), errors);
        }
    }

    private static bool TryDecimal(string? text, out decimal value) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);

    [GeneratedRegex(@"\A([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\z")]
    private static partial Regex LabelKey();

    [GeneratedRegex(@"\A([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?\z")]
    private static partial Regex LabelValue();
}
