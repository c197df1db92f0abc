using AttentionOperator.Inference.Configuration;

namespace AttentionOperator.Inference.Models.Blocks;

/// <summary>Names of a classifier's outputs: id2label, else num_labels generic ones, else two.</summary>
internal static class ClassifierLabels
{
    private const int MaxLabels = 1 << 20;

    public static IReadOnlyList<string> Read(ConfigReader config)
    {
        if (config.OptionalObject("id2label") is not { } names)
            return [.. Enumerable.Range(0, config.IntOr("num_labels", 2, max: MaxLabels)).Select(i => $"LABEL_{i}")];
        var labels = new string?[names.PropertyNames().Count];
        foreach (var key in names.PropertyNames())
        {
            if (!int.TryParse(key, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var index) || index >= labels.Length || labels[index] is not null)
                throw names.Error(key, $"not an index from 0 to {labels.Length - 1}");
            labels[index] = names.OptionalString(key) ?? $"LABEL_{index}";
        }

        return labels.Length > 0 ? [.. labels.Select(l => l!)] : throw config.Error("id2label", "no label");
    }
}
