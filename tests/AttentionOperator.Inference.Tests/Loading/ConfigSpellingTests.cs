using System.Text.Json.Nodes;
using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models;
using AttentionOperator.Inference.Models.Blocks;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Tests.Loading;

/// <summary>The same model under the older and the newer field names.</summary>
public sealed class ConfigSpellingTests
{
    [Fact]
    public void Gemma3_by_layer_types_and_rope_parameters() => SameLayers("gemma3", config =>
    {
        config["rope_parameters"] = new JsonObject
        {
            ["full_attention"] = new JsonObject { ["rope_type"] = "default", ["rope_theta"] = Take(config, "rope_theta") },
            ["sliding_attention"] = new JsonObject { ["rope_type"] = "default", ["rope_theta"] = Take(config, "rope_local_base_freq") },
        };
        config["layer_types"] = new JsonArray("sliding_attention", "sliding_attention", "full_attention");
        Take(config, "sliding_window_pattern");
        Take(config, "rope_scaling");
        config["dtype"] = Take(config, "torch_dtype");
    });

    [Fact]
    public void ModernBert_by_layer_types_and_rope_parameters() => SameLayers("modernbert", config =>
    {
        config["rope_parameters"] = new JsonObject
        {
            ["full_attention"] = new JsonObject { ["rope_type"] = "default", ["rope_theta"] = Take(config, "global_rope_theta") },
            ["sliding_attention"] = new JsonObject { ["rope_type"] = "default", ["rope_theta"] = Take(config, "local_rope_theta") },
        };
        config["layer_types"] = new JsonArray("full_attention", "sliding_attention", "sliding_attention", "full_attention");
        Take(config, "global_attn_every_n_layers");
    });

    [Fact]
    public void GptNeoX_with_partial_rotary_in_rope_parameters() => SameLayers("gpt-neox", config => config["rope_parameters"] = new JsonObject
    {
        ["rope_type"] = "default",
        ["rope_theta"] = Take(config, "rotary_emb_base"),
        ["partial_rotary_factor"] = Take(config, "rotary_pct"),
    });

    [Fact]
    public void Phi3_with_partial_rotary_in_rope_parameters() => SameLayers("phi3", config => config["rope_parameters"] = new JsonObject
    {
        ["rope_type"] = "default",
        ["rope_theta"] = Take(config, "rope_theta"),
        ["partial_rotary_factor"] = Take(config, "partial_rotary_factor"),
    });

    [Fact]
    public void Qwen2_slides_from_max_window_layers_on_or_as_layer_types_say()
    {
        int[] Windows(string fields) => [.. Layers(Json("qwen2", c =>
        {
            foreach (var (name, value) in JsonNode.Parse(fields)!.AsObject())
                c[name] = value?.DeepClone();
        })).Select(l => l.Attention.Mask.Before)];
        const int all = AttentionMask.Unbounded;
        Assert.Equal([all, all], Windows("""{"use_sliding_window": false, "sliding_window": 8, "max_window_layers": 0}"""));
        Assert.Equal([all, 7], Windows("""{"use_sliding_window": true, "sliding_window": 8, "max_window_layers": 1}"""));
        Assert.Equal([7, all], Windows("""{"use_sliding_window": true, "sliding_window": 8, "layer_types": ["sliding_attention", "full_attention"]}"""));
    }

    private static void SameLayers(string fixture, Action<JsonObject> respell)
    {
        var (before, after) = (Layers(Json(fixture, _ => { })), Layers(Json(fixture, respell)));
        Assert.Equal(before.Count, after.Count);
        foreach (var (old, current) in before.Zip(after))
        {
            Assert.Equal(old.Attention.Mask, current.Attention.Mask);
            Assert.Equal(old.Attention.Rotary!.Frequencies, current.Attention.Rotary!.Frequencies);
            Assert.Equal(old.Attention.Rotary.Dimensions, current.Attention.Rotary.Dimensions);
        }
    }

    private static string Json(string fixture, Action<JsonObject> edit)
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(GoldenDirectory.Of(fixture), "config.json")))!.AsObject();
        edit(config);
        return config.ToJsonString();
    }

    private static IReadOnlyList<LayerDescription> Layers(string json)
    {
        var model = Architectures.DescribeModel(ConfigReader.FromJson("config.json", json), TensorNames.Usual);
        return (model.Decoder ?? model.Encoder)!.Layers;
    }

    private static JsonNode? Take(JsonObject config, string name)
    {
        var value = config[name]?.DeepClone();
        config.Remove(name);
        return value;
    }
}
