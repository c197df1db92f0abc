namespace AttentionOperator.Tokenization;

/// <summary>Incremental decoding that never splits a character.</summary>
public interface IStreamDecoder
{
    /// <summary>Text that became certain with this id; may be empty.</summary>
    string Push(int id);

    /// <summary>What is left at the end of the stream (incomplete bytes as U+FFFD).</summary>
    string Flush();
}
