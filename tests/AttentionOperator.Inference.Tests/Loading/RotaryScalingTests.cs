using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models;
using AttentionOperator.Inference.Models.Blocks;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Tests.Loading;

/// <summary>Spellings and formulas of rotary scaling that no fixture has.</summary>
public sealed class RotaryScalingTests
{
    [Fact]
    public void Old_and_new_spellings_mean_the_same()
    {
        var old = Rotary(""" "rope_theta": 500000.0, "rope_scaling": {"type": "linear", "factor": 4.0} """);
        var current = Rotary(""" "rope_parameters": {"rope_type": "linear", "rope_theta": 500000.0, "factor": 4.0} """);
        Assert.Equal(old.Frequencies, current.Frequencies);
        Assert.Equal(Rotary(""" "rope_theta": 500000.0 """).Frequencies.Select(f => f / 4), old.Frequencies);
    }

    [Fact]
    public void Dynamic_scaling_changes_the_base_only_beyond_the_limit()
    {
        var rotary = Rotary(""" "rope_theta": 10000.0, "rope_scaling": {"rope_type": "dynamic", "factor": 2.0} """);
        Assert.True(rotary.DependsOnLength);
        Assert.Same(rotary.Frequencies, rotary.FrequenciesFor(512));
        // base · (factor · length / limit − (factor − 1))^(d / (d − 2)) with d = 16, length = 1024.
        var scaled = 10000 * Math.Pow((2.0 * 1024 / 512) - 1, 16.0 / 14);
        Assert.Equal(Math.Pow(scaled, -2.0 / 16), rotary.FrequenciesFor(1024)[1], 1e-6);
    }

    [Fact]
    public void Longrope_takes_short_or_long_factors_by_length()
    {
        var rotary = Rotary("""
            "rope_theta": 10000.0, "original_max_position_embeddings": 128,
            "rope_scaling": {"type": "longrope", "short_factor": [1,1,1,1,2,2,2,2], "long_factor": [4,4,4,4,8,8,8,8]}
            """);
        var plain = Rotary(""" "rope_theta": 10000.0 """);
        Assert.Equal(plain.Frequencies[5] / 2, rotary.FrequenciesFor(128)[5], 1e-7);
        Assert.Equal(plain.Frequencies[5] / 8, rotary.FrequenciesFor(129)[5], 1e-7);
        Assert.Equal(Math.Sqrt(1 + (Math.Log(4) / Math.Log(128))), rotary.Attenuation, 1e-6);
    }

    [Fact]
    public void Yarn_attenuates_by_the_factor_unless_told_otherwise()
    {
        const string yarn = """ "rope_theta": 10000.0, "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128 """;
        Assert.Equal((0.1 * Math.Log(4)) + 1, Rotary(yarn + "}").Attenuation, 1e-6);
        Assert.Equal(0.5, Rotary(yarn + """, "attention_factor": 0.5}""").Attenuation, 1e-6);
        Assert.Equal(((0.1 * 2 * Math.Log(4)) + 1) / ((0.1 * Math.Log(4)) + 1), Rotary(yarn + """, "mscale": 2, "mscale_all_dim": 1}""").Attenuation, 1e-6);
    }

    [Fact]
    public void Wrong_factor_counts_are_refused() =>
        Assert.Contains("1 factors, expected 8", Assert.Throws<ModelFormatException>(() => Rotary(""" "rope_scaling": {"type": "longrope", "factor": 2, "short_factor": [1], "long_factor": [1]} """)).Message, StringComparison.Ordinal);

    private static RotaryDescription Rotary(string fields) => Architectures.DescribeModel(
        ConfigReader.FromJson("config.json", $$"""
        {"architectures": ["LlamaForCausalLM"], "hidden_size": 64, "num_attention_heads": 4, "num_hidden_layers": 2, "vocab_size": 32,
         "intermediate_size": 96, "max_position_embeddings": 512, {{fields}} }
        """), TensorNames.Usual).Decoder!.Layers[0].Attention.Rotary!;
}
