using System.Globalization;
using System.Text.RegularExpressions;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Values;

namespace AttentionOperator.Api.Validation;

/// <summary>
/// The memory plan as far as a spec alone shows it: what is set aside for the cache against what the accelerators have at least. The rest of the plan (weights, activations) needs the model's
/// config.json, which only the runtime reads: it makes the whole plan at start, and the operator reports its numbers.
/// </summary>
internal static partial class DeviceMemory
{
    public static FieldError? Check(AttentionModelSpec spec)
    {
        if (spec.Resources.Accelerator is not { } accelerator || PerDevice(accelerator) is not { } device || !Quantities.TryParse(spec.Batching.CacheMemory, out var cache) || cache < device * accelerator.Count)
        {
            return null;
        }

        var has = accelerator.Memory ?? accelerator.MigProfile;
        return new FieldError("spec.batching.cacheMemory", $"{spec.Batching.CacheMemory} leaves nothing of {accelerator.Count} × {has} of resources.accelerator for the model; lower it, or ask for more accelerators or larger ones");
    }

    /// <summary>Bytes that a device has at least; null where the spec does not say.</summary>
    private static decimal? PerDevice(AcceleratorSpec accelerator) =>
        Quantities.TryParse(accelerator.Memory, out var memory) ? memory
        : accelerator.MigProfile is { } profile && MigMemory().Match(profile) is { Success: true } match ? decimal.Parse(match.Groups["gigabytes"].Value, CultureInfo.InvariantCulture) * 1_000_000_000m
        : null;

    // NVIDIA's names of MIG profiles end in the size of their memory: 1g.10gb.
    [GeneratedRegex(@"\A\d+g\.(?<gigabytes>\d+)gb", RegexOptions.ExplicitCapture)]
    private static partial Regex MigMemory();
}
