namespace AttentionOperator.Runtime.Serving;

/// <summary>How a model writes tool calls into its answer.</summary>
internal enum ToolCallFormat
{
    /// <summary>The template knows no tools, or writes calls in a way that is not read here.</summary>
    None,

    /// <summary><c>&lt;tool_call&gt;{"name": …, "arguments": …}&lt;/tool_call&gt;</c>, any number of times.</summary>
    Tagged,

    /// <summary><c>[TOOL_CALLS] [{"name": …, "arguments": …}, …]</c>.</summary>
    Listed,

    /// <summary>The whole answer is <c>{"name": …, "parameters": …}</c>, after an optional <c>&lt;|python_tag|&gt;</c>.</summary>
    Bare,
}

internal static class ToolCallFormats
{
    /// <summary>Reads the format from the text of a chat template.</summary>
    public static ToolCallFormat Of(string? template)
    {
        if (template is null || !template.Contains("tools", StringComparison.Ordinal)) return ToolCallFormat.None;
        if (template.Contains("<tool_call>", StringComparison.Ordinal)) return ToolCallFormat.Tagged;
        if (template.Contains("[TOOL_CALLS]", StringComparison.Ordinal)) return ToolCallFormat.Listed;
        return template.Contains("\"parameters\"", StringComparison.Ordinal) && template.Contains("ipython", StringComparison.Ordinal) ? ToolCallFormat.Bare : ToolCallFormat.None;
    }

    /// <summary>The text that announces a call; null = the answer's first character decides.</summary>
    public static string? MarkerOf(ToolCallFormat format) => format switch
    {
        ToolCallFormat.Tagged => "<tool_call>",
        ToolCallFormat.Listed => "[TOOL_CALLS]",
        _ => null,
    };
}
