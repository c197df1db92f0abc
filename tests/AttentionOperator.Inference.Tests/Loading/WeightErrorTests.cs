using System.Text.Json.Nodes;
using AttentionOperator.Inference.Configuration;

namespace AttentionOperator.Inference.Tests.Loading;

public sealed class WeightErrorTests
{
    private const string Tensor = "model.layers.1.mlp.down_proj.weight";

    [Fact]
    public void A_missing_tensor_is_named_with_its_shape()
    {
        var error = Refused(header => header.Remove(Tensor));
        Assert.Equal(Tensor, error.Field);
        Assert.Contains("expected shape [64, 160]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_misshapen_tensor_is_named_with_both_shapes()
    {
        var error = Refused(header => header[Tensor]!["shape"] = new JsonArray(160, 64));
        Assert.Equal(Tensor, error.Field);
        Assert.Contains("[160, 64], expected [64, 160]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_of_a_foreign_type_is_named()
    {
        var error = Refused(header => header[Tensor]!["dtype"] = "I32");
        Assert.Equal(Tensor, error.Field);
        Assert.Contains("I32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_that_nothing_reads_is_refused()
    {
        var error = Refused(header =>
        {
            var moved = header[Tensor]!.DeepClone();
            header["model.layers.0.mystery.weight"] = moved;
            moved["shape"] = new JsonArray(0);
            moved["data_offsets"] = new JsonArray(0, 0);
        });
        Assert.Equal("model.layers.0.mystery.weight", error.Field);
    }

    [Fact]
    public void Buffers_of_old_files_are_harmless()
    {
        using var model = TemporaryModel.CopyOf("llama-untied");
        model.EditHeader(header => header["model.layers.0.self_attn.rotary_emb.inv_freq"] =
            new JsonObject { ["dtype"] = "F32", ["shape"] = new JsonArray(0), ["data_offsets"] = new JsonArray(0, 0) });
        ModelLoader.Load(model.Path).Dispose();
    }

    [Theory]
    [InlineData("architectures", "[\"MambaForCausalLM\"]", "MambaForCausalLM")]
    [InlineData("hidden_act", "\"mish\"", "mish")]
    [InlineData("rope_scaling", "{\"rope_type\":\"mrope\"}", "mrope")]
    [InlineData("quantization_config", "{\"quant_method\":\"gptq\"}", "quantization_config")]
    [InlineData("num_key_value_heads", "3", "does not divide")]
    [InlineData("layer_types", "[\"full_attention\",\"chunked_attention\"]", "chunked_attention")]
    [InlineData("torch_dtype", "\"float8_e4m3fn\"", "float8_e4m3fn")]
    public void A_value_that_would_be_computed_wrongly_is_refused_by_name(string field, string value, string named)
    {
        using var model = TemporaryModel.CopyOf("llama-untied");
        var config = model.ReadConfig();
        config[field] = JsonNode.Parse(value);
        model.WriteConfig(config);
        var error = Assert.Throws<ModelFormatException>(() => ModelLoader.Load(model.Path));
        Assert.Equal("config.json", error.File);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shard_outside_the_directory_is_refused()
    {
        using var model = TemporaryModel.CopyOf("qwen3-sharded");
        var path = Path.Combine(model.Path, "model.safetensors.index.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("model-00002-of-00002", "../model-00002-of-00002", StringComparison.Ordinal));
        Assert.Contains("not a file name", Assert.Throws<ModelFormatException>(() => ModelLoader.Load(model.Path)).Message, StringComparison.Ordinal);
    }

    private static ModelFormatException Refused(Action<JsonObject> edit)
    {
        using var model = TemporaryModel.CopyOf("llama-untied");
        model.EditHeader(edit);
        return Assert.Throws<ModelFormatException>(() => ModelLoader.Load(model.Path));
    }
}
