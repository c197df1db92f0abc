using AttentionOperator.Tokenization.Json;

namespace AttentionOperator.Tokenization.Regexes;

/// <summary>Reads <c>{"String": …}</c> and <c>{"Regex": …}</c>.</summary>
internal static class PatternReader
{
    private const int LongestPattern = 20_000;

    public static ISplitPattern Read(JsonField field, out string? literal)
    {
        literal = field["String"].AsStringOrNull();
        if (literal is not null)
            return new LiteralPattern(literal);
        var regex = field["Regex"];
        if (regex.IsNull)
            throw field.Error("must hold \"String\" or \"Regex\"");
        var pattern = regex.AsString();
        if (pattern.Length > LongestPattern)
            throw regex.Error($"is {pattern.Length} characters long, at most {LongestPattern} are read");
        try
        {
            return RegexPattern.Compile(OnigurumaTranslator.Translate(pattern));
        }
        catch (UnsupportedPatternException e)
        {
            throw regex.Error($"{e.Message} in '{pattern}'", e);
        }
        catch (Exception e) when (e is ArgumentException or OutOfMemoryException or InsufficientExecutionStackException or OverflowException)
        {
            throw regex.Error($"is not a valid pattern: {e.Message}", e);
        }
    }
}
