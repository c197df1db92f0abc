using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models.Blocks;

/// <summary>What config.json says about rotary embeddings, whichever way it spells it.</summary>
internal sealed record RotarySettings
{
    public required double DefaultTheta { get; init; }

    public required int HeadSize { get; init; }

    public required int MaxPositions { get; init; }

    public string ThetaField { get; init; } = "rope_theta";

    public string PartialField { get; init; } = "partial_rotary_factor";

    public double DefaultPartial { get; init; } = 1;

    /// <summary>Key of the modern per-layer-kind form: <c>rope_parameters: {full_attention: {…}, sliding_attention: {…}}</c>.</summary>
    public string? LayerType { get; init; }

    /// <summary>False for layers to which the legacy <c>rope_scaling</c> does not apply (Gemma 3's local layers).</summary>
    public bool UsesScaling { get; init; } = true;
}

/// <summary>
/// Rotary frequencies. Formulas: linear (Chen et al. 2023), dynamic NTK and NTK-by-parts (Peng et al. 2023, "YaRN"),
/// llama3 (Meta's released code), longrope (Ding et al. 2024); field semantics as in the reference implementation's configuration.
/// </summary>
internal static class RotaryScaling
{
    private const double MaxFactor = 1e6;

    private static readonly string[] Supported = ["default", "linear", "dynamic", "yarn", "llama3", "longrope"];

    public static RotaryDescription Read(ConfigReader config, RotarySettings settings)
    {
        var modern = Modern(config, settings);
        var scaling = modern ?? (settings.UsesScaling ? config.OptionalObject("rope_scaling") : null);
        var theta = modern?.OptionalNumber("rope_theta", 1e-3, 1e12) ?? config.NumberOr(settings.ThetaField, settings.DefaultTheta, 1e-3, 1e12);
        var partialOwner = modern?.IsNullOrAbsent("partial_rotary_factor") == false ? modern : config;
        var partialField = ReferenceEquals(partialOwner, modern) ? "partial_rotary_factor" : settings.PartialField;
        var partial = partialOwner.NumberOr(partialField, settings.DefaultPartial, 0, 1);
        var dimensions = (int)(settings.HeadSize * partial);
        if (dimensions < 2 || dimensions % 2 != 0)
            throw partialOwner.Error(partialField, $"{partial} of head size {settings.HeadSize} gives {dimensions} rotary dimensions, expected an even number from 2");

        var frequencies = Plain(theta, dimensions);
        var plain = new RotaryDescription { Dimensions = dimensions, Frequencies = Round(frequencies) };
        if (scaling is null)
            return plain;
        var type = scaling.OptionalString("rope_type") ?? scaling.OptionalString("type") ?? (modern is null ? throw scaling.Error("rope_type", "the field is missing") : "default");
        var result = type switch
        {
            "default" => plain,
            "linear" => Linear(scaling, plain, frequencies),
            "dynamic" => Dynamic(scaling, plain, theta, settings.MaxPositions),
            "yarn" => Yarn(scaling, plain, frequencies, theta, settings.MaxPositions),
            "llama3" => Llama3(scaling, plain, frequencies, settings.MaxPositions),
            "longrope" or "su" => LongRope(config, scaling, plain, frequencies, settings.MaxPositions),
            _ => throw scaling.Unsupported("rope_type", type, Supported),
        };
        return float.IsFinite(result.Attenuation) && result.Frequencies.All(float.IsFinite) ? result : throw scaling.Error("rope_type", $"the values of {type} give frequencies that are not finite");
    }

    private static ConfigReader? Modern(ConfigReader config, RotarySettings settings)
    {
        if (config.OptionalObject("rope_parameters") is not { } parameters)
            return null;
        var perKind = parameters.Has("full_attention") || parameters.Has("sliding_attention");
        if (!perKind)
            return parameters;
        return parameters.OptionalObject(settings.LayerType ?? "full_attention")
            ?? throw parameters.Error(settings.LayerType ?? "full_attention", "the field is missing");
    }

    private static double[] Plain(double theta, int dimensions) =>
        Enumerable.Range(0, dimensions / 2).Select(i => 1 / Math.Pow(theta, 2.0 * i / dimensions)).ToArray();

    private static float[] Round(IEnumerable<double> frequencies) => frequencies.Select(f => (float)f).ToArray();

    private static double Factor(ConfigReader scaling) => scaling.Number("factor", 1e-3, MaxFactor);

    private static RotaryDescription Linear(ConfigReader scaling, RotaryDescription plain, double[] frequencies)
    {
        var factor = Factor(scaling);
        return plain with { Frequencies = Round(frequencies.Select(f => f / factor)) };
    }

    private static RotaryDescription Dynamic(ConfigReader scaling, RotaryDescription plain, double theta, int maxPositions)
    {
        var (factor, limit, dimensions) = (Factor(scaling), maxPositions, plain.Dimensions);
        if (dimensions < 4)
            throw scaling.Error("rope_type", "dynamic needs at least 4 rotary dimensions");
        return plain with
        {
            LengthLimit = limit,
            ReachablePositions = (int)Math.Min(ConfigReader.MaxInteger, limit * Math.Max(1, factor)),
            LongFrequencies = length => Round(Plain(theta * Math.Pow(factor * length / limit - (factor - 1), dimensions / (dimensions - 2.0)), dimensions)),
        };
    }

    private static RotaryDescription Yarn(ConfigReader scaling, RotaryDescription plain, double[] frequencies, double theta, int maxPositions)
    {
        var original = scaling.IntOr("original_max_position_embeddings", maxPositions);
        var factor = scaling.OptionalNumber("factor", 1e-3, MaxFactor) ?? (double)maxPositions / original;
        var dimensions = plain.Dimensions;
        double Correction(double rotations) => dimensions * Math.Log(original / (rotations * 2 * Math.PI)) / (2 * Math.Log(theta));
        var low = Correction(scaling.NumberOr("beta_fast", 32, 1e-3, MaxFactor));
        var high = Correction(scaling.NumberOr("beta_slow", 1, 1e-3, MaxFactor));
        if (scaling.BoolOr("truncate", true))
            (low, high) = (Math.Floor(low), Math.Ceiling(high));
        (low, high) = (Math.Max(low, 0), Math.Min(high, dimensions - 1));
        if (low == high)
            high += 0.001;
        var mixed = frequencies.Select((f, i) =>
        {
            var interpolated = Math.Clamp((i - low) / (high - low), 0, 1);
            return f / factor * interpolated + f * (1 - interpolated);
        });

        static double Magnitude(double scale, double weight) => scale <= 1 ? 1 : 0.1 * weight * Math.Log(scale) + 1;
        var (weight, weightAll) = (scaling.OptionalNumber("mscale", 0, MaxFactor), scaling.OptionalNumber("mscale_all_dim", 0, MaxFactor));
        var attenuation = scaling.OptionalNumber("attention_factor", 0, MaxFactor)
            ?? (weight is > 0 && weightAll is > 0 ? Magnitude(factor, weight.Value) / Magnitude(factor, weightAll.Value) : Magnitude(factor, 1));
        return plain with { Frequencies = Round(mixed), Attenuation = (float)attenuation };
    }

    private static RotaryDescription Llama3(ConfigReader scaling, RotaryDescription plain, double[] frequencies, int maxPositions)
    {
        var factor = Factor(scaling);
        var low = scaling.Number("low_freq_factor", 1e-3, MaxFactor);
        var high = scaling.Number("high_freq_factor", 1e-3, MaxFactor);
        var original = scaling.IntOr("original_max_position_embeddings", maxPositions);
        if (high <= low)
            throw scaling.Error("high_freq_factor", $"{high} is not above low_freq_factor {low}");
        return plain with
        {
            Frequencies = Round(frequencies.Select(f =>
            {
                var wavelength = 2 * Math.PI / f;
                if (wavelength < original / high)
                    return f;
                if (wavelength > original / low)
                    return f / factor;
                var smooth = (original / wavelength - low) / (high - low);
                return (1 - smooth) * f / factor + smooth * f;
            })),
        };
    }

    private static RotaryDescription LongRope(ConfigReader config, ConfigReader scaling, RotaryDescription plain, double[] frequencies, int maxPositions)
    {
        double[] Divided(string field)
        {
            var factors = scaling.OptionalNumbers(field) ?? throw scaling.Error(field, "the field is missing");
            if (factors.Count != frequencies.Length || factors.Any(f => f <= 0))
                throw scaling.Error(field, $"{factors.Count} factors, expected {frequencies.Length} positive ones (half of the rotary dimensions)");
            return frequencies.Select((f, i) => f / factors[i]).ToArray();
        }

        var original = scaling.OptionalInt("original_max_position_embeddings") ?? config.OptionalInt("original_max_position_embeddings");
        var factor = original is { } o ? (double)maxPositions / o : Factor(scaling);
        var limit = original ?? maxPositions;
        var attenuation = scaling.OptionalNumber("attention_factor", 0, MaxFactor)
            ?? (factor <= 1 || limit <= 1 ? 1 : Math.Sqrt(1 + Math.Log(factor) / Math.Log(limit)));
        var distant = Round(Divided("long_factor"));
        return plain with
        {
            Frequencies = Round(Divided("short_factor")),
            Attenuation = (float)attenuation,
            LengthLimit = limit,
            LongFrequencies = _ => distant,
        };
    }
}
