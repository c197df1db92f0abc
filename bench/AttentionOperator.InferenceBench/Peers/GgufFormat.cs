namespace AttentionOperator.InferenceBench.Peers;

/// <summary>Element types of a GGUF file, with ggml's numbers.</summary>
internal enum GgufFormat
{
    F32 = 0,

    /// <summary>Groups of 32: a float16 scale, then pairs of 4-bit levels around 8, columns i and i + 16 in one byte.</summary>
    Q4_0 = 2,

    /// <summary>Groups of 32: a float16 scale, then signed bytes.</summary>
    Q8_0 = 8,

    BF16 = 30,
}
