namespace AttentionOperator.Tokenization.Text;

/// <summary>The printable stand-ins that byte-level vocabularies use for the 256 byte values.</summary>
internal static class ByteAlphabet
{
    /// <summary>Stand-in of a space (U+0120).</summary>
    public const char Space = '\u0120';

    private static readonly char[] ToChar = BuildToChar();
    private static readonly short[] ToByte = BuildToByte();

    public static char CharOf(byte value) => ToChar[value];

    /// <summary>The byte of a stand-in, or -1.</summary>
    public static int ByteOf(char c) => c < ToByte.Length ? ToByte[c] : -1;

    private static char[] BuildToChar()
    {
        var chars = new char[256];
        var next = 256;
        for (var value = 0; value < 256; value++)
            chars[value] = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)value : (char)next++;
        return chars;
    }

    private static short[] BuildToByte()
    {
        var bytes = new short[ToChar.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (var value = 0; value < 256; value++)
            bytes[ToChar[value]] = (short)value;
        return bytes;
    }
}
