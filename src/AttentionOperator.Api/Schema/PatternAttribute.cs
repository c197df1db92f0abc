using System.Diagnostics.CodeAnalysis;

namespace AttentionOperator.Api.Schema;

/// <summary>Regular expression (RE2 syntax) that a string must match.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PatternAttribute([StringSyntax(StringSyntaxAttribute.Regex)] string pattern) : Attribute
{
    public string Pattern { get; } = pattern;
}
