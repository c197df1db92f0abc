using System.Globalization;
using System.Text;
using System.Text.Json;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Values;
using k8s.Models;

namespace AttentionOperator.Api.Revisions;

/// <summary>
/// Version 1 of the fields that a revision's hash covers, as text: one <c>name=value</c> line per field that differs from its
/// default. Never change a line of this file after a release: tests pin the hashes.
/// </summary>
internal static class RevisionFieldsV1
{
    public static string Of(AttentionModelSpec spec)
    {
        var lines = new Lines();
        lines.Add("task", spec.Task, ModelTask.Generate);
        lines.Add("model.uri", spec.Model.Uri);
        lines.Add("model.digest", spec.Model.Digest);
        lines.Add("model.secretRef", spec.Model.SecretRef?.Name);
        lines.Add("model.cache.claimName", spec.Model.Cache?.ClaimName);
        lines.AddQuantity("model.cache.size", spec.Model.Cache?.Size);
        lines.Add("tokenizer.uri", spec.Tokenizer?.Uri);
        lines.Add("tokenizer.digest", spec.Tokenizer?.Digest);
        lines.Add("precision", spec.Precision, Precision.Auto);
        AddAttention(lines, spec.Attention);
        AddLimits(lines, spec.Limits);
        AddBatching(lines, spec.Batching);
        AddRuntime(lines, spec.Runtime);
        AddResources(lines, spec.Resources);
        AddPlacement(lines, spec.Placement);
        lines.Add("observability.vllmMetricAliases", spec.Observability?.VllmMetricAliases ?? false, false);
        lines.Add("observability.entropySampleRatio", spec.Observability?.EntropySampleRatio);
        lines.Add("observability.otlpEndpoint", spec.Observability?.OtlpEndpoint);
        return lines.ToString();
    }

    private static void AddAttention(Lines lines, AttentionSpec? attention)
    {
        lines.Add("attention.kind", attention?.Kind ?? AttentionKind.Auto, AttentionKind.Auto);
        lines.Add("attention.window", attention?.Window);
        lines.Add("attention.blockSize", attention?.BlockSize);
        lines.Add("attention.globalTokens", attention?.GlobalTokens);
    }

    private static void AddLimits(Lines lines, LimitsSpec limits)
    {
        lines.Add("limits.maxInputTokens", limits.MaxInputTokens);
        lines.Add("limits.maxOutputTokens", limits.MaxOutputTokens);
        lines.Add("limits.maxBatchTokens", limits.MaxBatchTokens, 2048);
        lines.Add("limits.onTooLong", limits.OnTooLong, TooLongPolicy.Reject);
    }

    private static void AddBatching(Lines lines, BatchingSpec batching)
    {
        lines.Add("batching.maxSequences", batching.MaxSequences, 64);
        lines.AddDuration("batching.maxDelay", batching.MaxDelay, "0");
        lines.AddQuantity("batching.cacheMemory", batching.CacheMemory);
        lines.Add("batching.maxQueuedRequests", batching.MaxQueuedRequests);
        lines.Add("batching.maxQueuedTokens", batching.MaxQueuedTokens);
    }

    private static void AddRuntime(Lines lines, RuntimeSpec runtime)
    {
        lines.Add("runtime.image", runtime.Image);
        lines.Add("runtime.imagePullPolicy", runtime.ImagePullPolicy);
        lines.AddList("runtime.imagePullSecrets", runtime.ImagePullSecrets?.Select(secret => secret.Name).Order(StringComparer.Ordinal));
        lines.AddList("runtime.env", runtime.Env?.OrderBy(variable => variable.Name, StringComparer.Ordinal).Select(variable => $"{variable.Name}={variable.Value}"));
        lines.AddDuration("runtime.drainTimeout", runtime.DrainTimeout, "30s");
        lines.AddDuration("runtime.startupTimeout", runtime.StartupTimeout, "10m");
    }

    private static void AddResources(Lines lines, ResourcesSpec resources)
    {
        lines.AddQuantity("resources.cpu", resources.Cpu);
        lines.AddQuantity("resources.memory", resources.Memory);
        if (resources.Accelerator is { } accelerator)
        {
            lines.Add("resources.accelerator", $"{accelerator.ResourceName} {accelerator.Count.ToString(CultureInfo.InvariantCulture)}");
            lines.Add("resources.accelerator.product", accelerator.Product);
            lines.AddQuantity("resources.accelerator.memory", accelerator.Memory);
            lines.Add("resources.accelerator.migProfile", accelerator.MigProfile);
            lines.Add("resources.accelerator.sharing", accelerator.Sharing);
            lines.Add("resources.accelerator.claim", accelerator.Claim?.DeviceClassName);
            lines.AddList("resources.accelerator.claim.selectors", accelerator.Claim?.Selectors?.Order(StringComparer.Ordinal));
        }
    }

    private static void AddPlacement(Lines lines, PlacementSpec? placement)
    {
        lines.AddList("placement.nodeSelector", placement?.NodeSelector?.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"));
        lines.AddList("placement.tolerations", placement?.Tolerations?.Select(Toleration));
        lines.Add("placement.spot", placement?.Spot);
        lines.Add("placement.spread.nodes", placement?.Spread?.Nodes ?? SpreadPolicy.Preferred, SpreadPolicy.Preferred);
        lines.Add("placement.spread.zones", placement?.Spread?.Zones ?? SpreadPolicy.Preferred, SpreadPolicy.Preferred);
        lines.Add("placement.priorityClassName", placement?.PriorityClassName);
        lines.Add("placement.runtimeClassName", placement?.RuntimeClassName);
    }

    private static string Toleration(V1Toleration toleration) => string.Create(
        CultureInfo.InvariantCulture,
        $"{toleration.Key} {toleration.OperatorProperty ?? "Equal"} {toleration.Value} {toleration.Effect} {toleration.TolerationSeconds}");

    private sealed class Lines
    {
        private readonly StringBuilder text = new("v1\n");

        public void Add<T>(string name, T value, T standard)
            where T : struct
        {
            if (!value.Equals(standard))
            {
                Add(name, Convert.ToString(value, CultureInfo.InvariantCulture));
            }
        }

        public void Add<T>(string name, T? value)
            where T : struct => Add(name, value is null ? null : Convert.ToString(value, CultureInfo.InvariantCulture));

        public void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                // JSON keeps line ends within a value apart from those between lines.
                text.Append(name).Append('=').Append(JsonSerializer.Serialize(value)).Append('\n');
            }
        }

        public void AddQuantity(string name, string? value) =>
            Add(name, Quantities.TryParse(value, out _) ? Quantities.Canonical(value!) : value);

        public void AddDuration(string name, string? value, string standard)
        {
            if (!Durations.TryParse(value, out var duration))
            {
                Add(name, value);
            }
            else if (duration != Durations.Parse(standard))
            {
                Add(name, Durations.Format(duration));
            }
        }

        public void AddList(string name, IEnumerable<string>? values)
        {
            if (values?.ToList() is { Count: > 0 } list)
            {
                text.Append(name).Append('=').Append(JsonSerializer.Serialize(list)).Append('\n');
            }
        }

        public override string ToString() => text.ToString();
    }
}
