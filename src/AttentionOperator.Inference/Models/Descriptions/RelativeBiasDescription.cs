namespace AttentionOperator.Inference.Models.Descriptions;

/// <summary>T5's bucketed relative position bias, added to the scores.</summary>
public sealed record RelativeBiasDescription
{
    /// <summary>[Buckets, heads].</summary>
    public required TensorDescription Table { get; init; }

    public required int MaxDistance { get; init; }

    /// <summary>Half of the buckets for keys after the query (encoders).</summary>
    public required bool Bidirectional { get; init; }

    public int Buckets => Table.Shape[0];

    /// <summary>Bucket of key position − query position: exact up to half of the buckets, logarithmic up to the maximal distance (Raffel et al. 2020, appendix of the released code).</summary>
    public int BucketOf(int relative)
    {
        var (buckets, offset) = (Buckets, 0);
        if (Bidirectional)
        {
            buckets /= 2;
            offset = relative > 0 ? buckets : 0;
            relative = Math.Abs(relative);
        }
        else
        {
            relative = Math.Max(-relative, 0);
        }

        var exact = buckets / 2;
        if (relative < exact)
            return offset + relative;
        var logarithmic = exact + (int)(MathF.Log((float)relative / exact) / (float)Math.Log((double)MaxDistance / exact) * (buckets - exact));
        return offset + Math.Min(logarithmic, buckets - 1);
    }
}
