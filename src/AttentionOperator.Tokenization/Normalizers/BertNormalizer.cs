using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Normalizers;

/// <summary>
/// BERT's clean-up, spacing of ideographs, accent stripping and lower-casing. It never leaves more visible scalars than the text had UTF-8 bytes
/// (checked over all scalars by a test).
/// </summary>
internal sealed class BertNormalizer(INormalizer steps) : INormalizer
{
    public AlignedText Normalize(AlignedText text) => steps.Normalize(text);
}
