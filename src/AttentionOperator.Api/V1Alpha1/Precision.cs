namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Arithmetic and weight format.</summary>
public enum Precision
{
    /// <summary>As stored, widened to what the device computes well.</summary>
    Auto,

    /// <summary>32-bit floats.</summary>
    Float32,

    /// <summary>bfloat16.</summary>
    BFloat16,

    /// <summary>16-bit floats; needs a GPU.</summary>
    Float16,

    /// <summary>Weight-only 8-bit integers with group scales.</summary>
    Int8,

    /// <summary>Weight-only 4-bit integers with group scales.</summary>
    Int4,
}
