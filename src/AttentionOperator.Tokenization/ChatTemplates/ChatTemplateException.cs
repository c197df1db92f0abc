namespace AttentionOperator.Tokenization.ChatTemplates;

/// <summary>A chat template that cannot be read or refuses its input.</summary>
public sealed class ChatTemplateException : Exception
{
    internal ChatTemplateException(string message, int line, bool isRaisedByTemplate = false, Exception? inner = null)
        : base(isRaisedByTemplate ? message : $"chat template, line {line}: {message}", inner)
    {
        Line = line;
        IsRaisedByTemplate = isRaisedByTemplate;
    }

    /// <summary>Line of the template, from 1; 0 where no line is to blame.</summary>
    public int Line { get; }

    /// <summary>True where the template itself called <c>raise_exception</c>: the input is at fault, and the message is the template's own.</summary>
    public bool IsRaisedByTemplate { get; }
}
