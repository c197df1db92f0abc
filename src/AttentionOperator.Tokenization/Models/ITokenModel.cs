namespace AttentionOperator.Tokenization.Models;

/// <summary>Turns pieces into ids. Thread-safe.</summary>
internal interface ITokenModel
{
    Vocabulary Vocabulary { get; }

    /// <summary>Whether decoded text of this model is cleaned up where tokenizer_config.json asks for it.</summary>
    bool HonoursCleanUp { get; }

    /// <summary>
    /// Most UTF-8 bytes of a piece that one token can stand for, or 0 where a token can stand for any number of them.
    /// </summary>
    int LongestTokenBytes(bool byteLevel);

    /// <summary>Appends the tokens of a piece; positions are relative to the piece.</summary>
    void Tokenize(ReadOnlySpan<char> piece, TokenBuffer output);
}
