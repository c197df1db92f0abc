using System.Text;

namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>
/// <c>$(NAME)</c> references in a container's command, arguments and environment values. <c>$$</c> stands for one dollar sign, so that
/// <c>$$(NAME)</c> is literal; an unknown name stays as it is.
/// </summary>
internal static class VariableExpansion
{
    public static string Expand(string text, Func<string, string?> lookup)
    {
        if (!text.Contains('$', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }

            if (text[i + 1] == '$')
            {
                result.Append('$');
                i++;
                continue;
            }

            var end = text[i + 1] == '(' ? text.IndexOf(')', i + 2) : -1;
            if (end < 0)
            {
                result.Append('$');
                continue;
            }

            var name = text[(i + 2)..end];
            result.Append(lookup(name) ?? $"$({name})");
            i = end;
        }

        return result.ToString();
    }
}
