using System.Text;
using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Decoders;

/// <summary>Stand-ins back to bytes, bytes to text; incomplete or invalid UTF-8 becomes U+FFFD. All tokens become one.</summary>
internal sealed class ByteLevelStage : DecoderStage
{
    private readonly Decoder decoder = Encoding.UTF8.GetDecoder();
    private bool started;

    public override void Push(string chunk, bool startsToken) => Emit(BytesOf(chunk), flush: false);

    public override void End()
    {
        Emit([], flush: true);
        Next.End();
    }

    /// <summary>Bytes of a token; one that is not made of stand-ins alone stands for itself.</summary>
    public static byte[] BytesOf(string token)
    {
        var bytes = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
        {
            if (ByteAlphabet.ByteOf(token[i]) is not (>= 0 and var value))
                return Encoding.UTF8.GetBytes(token);
            bytes[i] = (byte)value;
        }
        return bytes;
    }

    private void Emit(byte[] bytes, bool flush)
    {
        var chars = new char[decoder.GetCharCount(bytes, flush)];
        decoder.GetChars(bytes, chars, flush);
        if (chars.Length == 0)
            return;
        Next.Push(new string(chars), !started);
        started = true;
    }
}
