using System.Globalization;
using System.Text;

namespace AttentionOperator.Tokenization.Decoders;

/// <summary>
/// Runs of <c>&lt;0xNN&gt;</c> tokens to text. A run that is not valid UTF-8 as a whole becomes one U+FFFD per byte, so a run is held back until its end is
/// seen or it cannot become valid any more.
/// </summary>
internal sealed class ByteFallbackStage : DecoderStage
{
    private readonly List<byte> run = [];
    private bool broken;

    public override void Push(string chunk, bool startsToken)
    {
        if (ByteOf(chunk) is not { } value)
        {
            Flush();
            Next.Push(chunk, startsToken);
            return;
        }
        if (broken)
        {
            Next.Push("\uFFFD", startsToken: true);
            return;
        }
        run.Add(value);
        if (CanBecomeValid())
            return;
        broken = true;
        EmitReplacements();
    }

    public override void End()
    {
        Flush();
        Next.End();
    }

    public static byte? ByteOf(string token) =>
        token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
        && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;

    private void Flush()
    {
        if (run.Count > 0)
        {
            var bytes = run.ToArray();
            if (System.Text.Unicode.Utf8.IsValid(bytes))
            {
                Next.Push(Encoding.UTF8.GetString(bytes), startsToken: true);
                run.Clear();
            }
            else
            {
                EmitReplacements();
            }
        }
        broken = false;
    }

    private void EmitReplacements()
    {
        foreach (var _ in run)
            Next.Push("\uFFFD", startsToken: true);
        run.Clear();
    }

    // Looks at the last character only: everything before it was checked when it was completed.
    private bool CanBecomeValid()
    {
        var start = run.Count - 1;
        while (start > 0 && run.Count - start < 4 && (run[start] & 0xC0) == 0x80)
            start--;
        Span<byte> last = stackalloc byte[4];
        var length = run.Count - start;
        for (var i = 0; i < length; i++)
            last[i] = run[start + i];
        while (length > 0)
        {
            var status = Rune.DecodeFromUtf8(last[..length], out _, out var consumed);
            if (status == System.Buffers.OperationStatus.NeedMoreData)
                return true;
            if (status != System.Buffers.OperationStatus.Done)
                return false;
            last[consumed..length].CopyTo(last);
            length -= consumed;
        }
        return true;
    }
}
