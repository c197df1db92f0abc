using System.Runtime.InteropServices;

namespace AttentionOperator.Tokenization.Text;

/// <summary>Unicode normalization forms (UAX 15) that keep the alignment with the source text.</summary>
internal static class UnicodeNormalizer
{
    private const int HangulS = 0xAC00, HangulL = 0x1100, HangulV = 0x1161, HangulT = 0x11A7;
    private const int HangulVCount = 21, HangulTCount = 28, HangulSCount = 11172;

    private readonly record struct Part(int Scalar, int Source, byte Class);

    public static AlignedText Apply(AlignedText text, bool compose, bool compatibility)
    {
        var span = text.Span;
        // Nothing below U+00A0 is changed by any form, nothing below U+0300 by composition alone.
        var first = span.IndexOfAnyExceptInRange('\0', compose && !compatibility ? '\u02FF' : '\u009F');
        if (first < 0)
            return text;
        var tables = UnicodeTables.Instance;
        AlignedTextBuilder? builder = null;
        var parts = new List<Part>();
        var clean = 0;
        for (var start = 0; start < span.Length;)
        {
            var scalar = Scalars.At(span, start, out var length);
            var end = start + length;
            while (end < span.Length && Continues(tables, Scalars.At(span, end, out length), compose))
                end += length;
            if (!IsStable(tables, span, start, end, scalar, compose, compatibility))
            {
                builder ??= new AlignedTextBuilder(text, span.Length + (span.Length / 2));
                builder.Copy(clean, start);
                parts.Clear();
                for (var i = start; i < end; i += length)
                    Decompose(tables, Scalars.At(span, i, out length), i, compatibility, parts);
                Order(parts);
                if (compose)
                    Compose(tables, parts);
                foreach (var part in parts)
                    builder.AppendScalar(part.Scalar, part.Source);
                clean = end;
            }
            start = end;
        }
        if (builder is null)
            return text;
        builder.Copy(clean, span.Length);
        return builder.Build();
    }

    // A scalar that starts a run on its own and is its own normal form needs no work.
    private static bool IsStable(UnicodeTables tables, ReadOnlySpan<char> span, int start, int end, int scalar, bool compose, bool compatibility)
    {
        if (end - start != Scalars.LengthAt(span, start))
            return false;
        if (IsHangulSyllable(scalar))
            return compose;
        if (tables.CombiningClass(scalar) != 0)
            return tables.Decomposition(scalar, compatibility) is null;
        if (tables.Decomposition(scalar, compatibility) is null)
            return true;
        return compose && tables.Decomposition(scalar, false) is not null && !tables.IsExcluded(scalar)
            && (!compatibility || !HasCompatibilityPart(tables, scalar));
    }

    private static bool HasCompatibilityPart(UnicodeTables tables, int scalar)
    {
        var parts = tables.Decomposition(scalar, false);
        if (parts is null)
            return tables.Decomposition(scalar, true) is not null;
        foreach (var part in parts)
        {
            if (HasCompatibilityPart(tables, part))
                return true;
        }
        return false;
    }

    private static bool Continues(UnicodeTables tables, int scalar, bool compose)
    {
        if (scalar < 0x300)
            return false;
        // A compatibility character may decompose to something that begins with a combining mark (for example U+FF9E).
        var lead = scalar;
        while (tables.Decomposition(lead, true) is { } parts)
            lead = parts[0];
        return tables.CombiningClass(lead) != 0 || tables.CombiningClass(scalar) != 0
            || (compose && (tables.IsSecond(lead) || lead is (>= HangulV and < HangulV + HangulVCount) or (> HangulT and < HangulT + HangulTCount)));
    }

    private static bool IsHangulSyllable(int scalar) => scalar is >= HangulS and < HangulS + HangulSCount;

    private static void Decompose(UnicodeTables tables, int scalar, int source, bool compatibility, List<Part> parts)
    {
        if (IsHangulSyllable(scalar))
        {
            var index = scalar - HangulS;
            parts.Add(new Part(HangulL + (index / (HangulVCount * HangulTCount)), source, 0));
            parts.Add(new Part(HangulV + (index % (HangulVCount * HangulTCount) / HangulTCount), source, 0));
            if (index % HangulTCount != 0)
                parts.Add(new Part(HangulT + (index % HangulTCount), source, 0));
        }
        else if (tables.Decomposition(scalar, compatibility) is { } pieces)
        {
            foreach (var piece in pieces)
                Decompose(tables, piece, source, compatibility, parts);
        }
        else
        {
            parts.Add(new Part(scalar, source, tables.CombiningClass(scalar)));
        }
    }

    // Stable sort of every run of marks by combining class; a merge sort keeps hostile runs of marks from being quadratic.
    private static void Order(List<Part> parts)
    {
        for (var i = 0; i < parts.Count;)
        {
            if (parts[i].Class == 0)
            {
                i++;
                continue;
            }
            var end = i + 1;
            var sorted = true;
            for (; end < parts.Count && parts[end].Class != 0; end++)
                sorted &= parts[end].Class >= parts[end - 1].Class;
            if (!sorted)
            {
                var ordered = parts.GetRange(i, end - i).OrderBy(p => p.Class).ToArray();
                ordered.CopyTo(CollectionsMarshal.AsSpan(parts)[i..end]);
            }
            i = end;
        }
    }

    private static void Compose(UnicodeTables tables, List<Part> parts)
    {
        var starter = -1;
        var kept = 0;
        var lastClass = -1;
        for (var i = 0; i < parts.Count; i++)
        {
            var part = parts[i];
            if (starter >= 0 && lastClass < part.Class && TryCompose(tables, parts[starter].Scalar, part.Scalar, out var composed))
            {
                parts[starter] = parts[starter] with { Scalar = composed };
                continue;
            }
            if (part.Class == 0)
            {
                starter = kept;
                lastClass = -1;
            }
            else
            {
                lastClass = part.Class;
            }
            parts[kept++] = part;
        }
        parts.RemoveRange(kept, parts.Count - kept);
    }

    private static bool TryCompose(UnicodeTables tables, int first, int second, out int composed)
    {
        if (first is >= HangulL and < HangulL + 19 && second is >= HangulV and < HangulV + HangulVCount)
        {
            composed = HangulS + ((((first - HangulL) * HangulVCount) + (second - HangulV)) * HangulTCount);
            return true;
        }
        if (IsHangulSyllable(first) && (first - HangulS) % HangulTCount == 0 && second is > HangulT and < HangulT + HangulTCount)
        {
            composed = first + (second - HangulT);
            return true;
        }
        return tables.TryCompose(first, second, out composed);
    }
}
