namespace AttentionOperator.Tokenization;

/// <summary>A tokenizer file that cannot be used as published; names the file and the field.</summary>
public sealed class TokenizerFormatException : FormatException
{
    public TokenizerFormatException(string file, string field, string problem, Exception? inner = null)
        : base(field.Length == 0 ? $"{file}: {problem}" : $"{file}: {field}: {problem}", inner)
    {
        File = file;
        Field = field;
    }

    /// <summary>File name without directory, for example <c>tokenizer.json</c>.</summary>
    public string File { get; }

    /// <summary>Path of the field, for example <c>model.merges[12]</c>; empty for the file as a whole.</summary>
    public string Field { get; }
}
