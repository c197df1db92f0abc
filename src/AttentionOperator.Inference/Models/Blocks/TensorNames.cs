using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models.Blocks;

/// <summary>
/// Names of stored tensors as far as they decide the description: published files of one architecture differ in prefixes, in
/// old names, and in whether a tied projection is stored. Without a file (memory plan from config.json) the usual names are taken.
/// </summary>
public sealed class TensorNames(IReadOnlySet<string>? stored)
{
    public static TensorNames Usual { get; } = new(null);

    public bool Has(string name) => stored?.Contains(name) ?? false;

    /// <summary>Is the file known, and without this tensor?</summary>
    public bool Lacks(string name) => stored is not null && !stored.Contains(name);

    /// <summary>The first prefix under which the probe is stored; the first one where none is, so that the error names the usual tensor.</summary>
    public string Prefix(string probe, params ReadOnlySpan<string> prefixes)
    {
        foreach (var prefix in prefixes)
            if (Has(prefix + probe))
                return prefix;
        return prefixes[0];
    }

    public static LinearDescription Linear(string name, int output, int input, bool bias = false)
    {
        var weight = new TensorDescription($"{name}.weight", output, input);
        return new LinearDescription { Weight = weight, Bias = bias ? new TensorDescription($"{name}.bias", output) : null, InputSize = input, Rows = RowSelection.All(output) };
    }

    /// <summary>A LayerNorm with or without bias; knows TensorFlow's old names gamma and beta.</summary>
    public NormDescription LayerNorm(string name, int size, double epsilon, bool bias = true)
    {
        var old = Has($"{name}.gamma");
        return new NormDescription
        {
            Kind = NormKind.LayerNorm,
            Weight = new TensorDescription(old ? $"{name}.gamma" : $"{name}.weight", size),
            Bias = bias ? new TensorDescription(old ? $"{name}.beta" : $"{name}.bias", size) : null,
            Epsilon = (float)epsilon,
        };
    }

    public static NormDescription RmsNorm(string name, int size, double epsilon, float offset = 0) => new()
    {
        Kind = NormKind.RmsNorm,
        Weight = new TensorDescription($"{name}.weight", size),
        Epsilon = (float)epsilon,
        WeightOffset = offset,
    };

    /// <summary>The bias of a masked-language-model head: its own tensor, or only the tied copy's.</summary>
    public TensorDescription HeadBias(string own, string copy, int size) => new(!Has(own) && Has(copy) ? copy : own, size);

    /// <summary>
    /// The projection to the vocabulary: the stored one, else (tied) the embedding. A stored projection wins over
    /// <c>tie_word_embeddings</c>: where both are published they are equal, or the field is wrong.
    /// </summary>
    public LinearDescription VocabularyProjection(string name, TensorDescription embedding, bool tied, TensorDescription? bias = null)
    {
        var weight = tied && !Has($"{name}.weight") ? embedding : new TensorDescription($"{name}.weight", embedding.Shape[0], embedding.Shape[1]);
        return new LinearDescription { Weight = weight, Bias = bias, InputSize = embedding.Shape[1], Rows = RowSelection.All(embedding.Shape[0]) };
    }
}
