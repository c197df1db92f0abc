using System.Text.Json;

namespace AttentionOperator.Inference.Configuration;

/// <summary>How token vectors become one vector.</summary>
public enum PoolingKind
{
    Cls,
    Mean,
    Max,

    /// <summary>Sum over √length.</summary>
    MeanSqrtLength,
    LastToken,
}

/// <summary>Pooling of an embedding model as its sentence-transformers folder says (modules.json, 1_Pooling); mean without normalisation where it says nothing.</summary>
/// <param name="Kind">Pooling over the sequence's tokens, special tokens included.</param>
/// <param name="Normalize">Scale the vector to length 1.</param>
public sealed record EmbeddingPooling(PoolingKind Kind, bool Normalize)
{
    private static readonly (string Field, PoolingKind Kind)[] Modes =
    [
        ("pooling_mode_cls_token", PoolingKind.Cls),
        ("pooling_mode_mean_tokens", PoolingKind.Mean),
        ("pooling_mode_max_tokens", PoolingKind.Max),
        ("pooling_mode_mean_sqrt_len_tokens", PoolingKind.MeanSqrtLength),
        ("pooling_mode_lasttoken", PoolingKind.LastToken),
    ];

    public static EmbeddingPooling Read(string directory)
    {
        const string file = "modules.json";
        if (!File.Exists(Path.Combine(directory, file)))
            return new EmbeddingPooling(PoolingKind.Mean, Normalize: false);
        var root = ConfigReader.ReadRoot(directory, file);
        if (root.ValueKind != JsonValueKind.Array)
            throw new ModelFormatException(file, null, "the root is not a list of modules");

        PoolingKind? kind = null;
        var normalize = false;
        foreach (var element in root.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Object)
                throw new ModelFormatException(file, null, "a module is not an object");
            var module = ConfigReader.FromJson(file, element.GetRawText());
            var type = module.OptionalString("type") ?? throw module.Error("type", "the field is missing");
            switch (type[(type.LastIndexOf('.') + 1)..])
            {
                case "Transformer":
                    break;
                case "Pooling":
                    kind = ReadMode(directory, module);
                    break;
                case "Normalize":
                    normalize = true;
                    break;
                default:
                    throw module.Unsupported("type", type, "Transformer", "Pooling", "Normalize");
            }
        }

        return new EmbeddingPooling(kind ?? PoolingKind.Mean, normalize);
    }

    private static PoolingKind ReadMode(string directory, ConfigReader module)
    {
        var path = module.OptionalString("path") ?? "1_Pooling";
        if (Path.IsPathRooted(path) || path.Split('/', '\\').Contains(".."))
            throw module.Error("path", $"'{path}' leaves the model directory");
        var config = ConfigReader.Open(directory, path.Length == 0 ? "config.json" : $"{path}/config.json");
        config.RequireFalse("pooling_mode_weightedmean_tokens", "weighted mean pooling is not implemented");
        var modes = Modes.Where(m => config.BoolOr(m.Field, false)).Select(m => m.Kind).ToArray();
        if (config.OptionalString("pooling_mode") is { } name && modes.Length == 0)
            return name switch
            {
                "cls" => PoolingKind.Cls,
                "mean" => PoolingKind.Mean,
                "max" => PoolingKind.Max,
                "mean_sqrt_len_tokens" => PoolingKind.MeanSqrtLength,
                "lasttoken" => PoolingKind.LastToken,
                _ => throw config.Unsupported("pooling_mode", name, "cls", "mean", "max", "mean_sqrt_len_tokens", "lasttoken"),
            };
        return modes.Length == 1 ? modes[0] : throw config.Error("pooling_mode_*", $"{modes.Length} modes are on, expected exactly one");
    }
}
