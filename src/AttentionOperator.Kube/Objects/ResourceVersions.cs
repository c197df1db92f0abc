namespace AttentionOperator.Kube.Objects;

/// <summary>Order of resource versions. Kubernetes guarantees decimal, comparable versions within one resource since 1.35; other servers may not.</summary>
public static class ResourceVersions
{
    /// <summary>Negative, zero or positive as <paramref name="left"/> is older, equal or newer; null where they cannot be compared.</summary>
    public static int? Compare(string left, string right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        if (string.Equals(left, right, StringComparison.Ordinal))
        {
            return 0;
        }

        if (!IsDecimal(left) || !IsDecimal(right))
        {
            return null;
        }

        ReadOnlySpan<char> l = left.AsSpan().TrimStart('0');
        ReadOnlySpan<char> r = right.AsSpan().TrimStart('0');
        return l.Length != r.Length ? l.Length.CompareTo(r.Length) : l.SequenceCompareTo(r);
    }

    private static bool IsDecimal(string text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }
        }

        return text.Length > 0;
    }
}
