using AttentionOperator.Tokenization.AddedTokens;
using AttentionOperator.Tokenization.Models;
using AttentionOperator.Tokenization.PostProcessors;
using AttentionOperator.Tokenization.PreTokenizers;
using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization;

/// <summary>One pass of one text through the pipeline; without an output list it only counts.</summary>
internal sealed class EncodingRun(TokenizerParts parts, int sequence, List<EncodedToken>? output)
{
    private readonly TokenBuffer buffer = new(countsOnly: output is null);
    private readonly bool tracks = output is not null || (parts.PreTokenizer?.NeedsAlignment ?? false);
    private int addedCount;

    /// <summary>Number of tokens.</summary>
    public int Run(string text)
    {
        text = Scalars.ReplaceLoneSurrogates(text);
        var matches = new List<AddedTokenMatch>();
        parts.Added.Raw.Find(text, matches);
        if (matches.Count == 0)
        {
            Segment(AlignedText.Original(text.AsMemory(), 0, tracks));
        }
        else
        {
            foreach (var match in matches)
            {
                if (match.Token is { } token)
                    Added(token, match.Start, match.End, text.AsSpan(match.Start, match.End - match.Start));
                else
                    Segment(AlignedText.Original(text.AsMemory(match.Start, match.End - match.Start), match.Start, tracks));
            }
        }
        return output?.Count ?? buffer.Count + addedCount;
    }

    private void Segment(AlignedText text)
    {
        if (parts.Normalizer is not null)
            text = parts.Normalizer.Normalize(text);
        if (parts.Added.Normalized.IsEmpty)
        {
            Ordinary(text);
            return;
        }
        var matches = new List<AddedTokenMatch>();
        parts.Added.Normalized.Find(text.Span, matches);
        if (matches.Count == 0)
        {
            Ordinary(text);
            return;
        }
        foreach (var match in matches)
        {
            if (match.Token is { } token)
            {
                var (start, end) = text.OriginalRange(match.Start, match.End);
                Added(token, start, end, text.Span[match.Start..match.End]);
            }
            else
            {
                Ordinary(text.Slice(match.Start, match.End - match.Start));
            }
        }
    }

    private void Added(AddedToken token, int start, int end, ReadOnlySpan<char> surface)
    {
        if (output is null)
            addedCount++;
        else
            output.Add(new EncodedToken(token.Id, start, end, surface.SequenceEqual(token.Content) ? token.Content : surface.ToString(), 0, sequence));
    }

    private void Ordinary(AlignedText text)
    {
        var pieces = new PreTokenizedText(text);
        parts.PreTokenizer?.Apply(pieces);
        var final = pieces.Text;
        var span = final.Span;
        foreach (var piece in pieces.Pieces)
        {
            if (output is null)
            {
                parts.Model.Tokenize(span[piece.Start..piece.End], buffer);
                continue;
            }
            buffer.Clear();
            buffer.Offset = piece.Start;
            parts.Model.Tokenize(span[piece.Start..piece.End], buffer);
            for (var i = 0; i < buffer.Count; i++)
            {
                var (start, end) = final.OriginalRange(buffer.StartOf(i), buffer.EndOf(i));
                output.Add(new EncodedToken(buffer.Ids[i], start, end, null, 0, sequence));
            }
        }
    }
}
