using AttentionOperator.Inference.Configuration;

namespace AttentionOperator.Inference.Models.Blocks;

/// <summary>The weights' type as config.json states it (<c>dtype</c>, formerly <c>torch_dtype</c>); the files themselves are what counts when loading.</summary>
internal static class StoredTypes
{
    public static string Read(ConfigReader config)
    {
        var field = config.IsNullOrAbsent("dtype") ? "torch_dtype" : "dtype";
        var name = config.OptionalString(field) ?? "float32";
        return name is "float32" or "float16" or "bfloat16" ? name : throw config.Unsupported(field, name, "float32", "float16", "bfloat16");
    }
}
