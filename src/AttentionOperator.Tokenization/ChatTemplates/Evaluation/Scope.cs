namespace AttentionOperator.Tokenization.ChatTemplates.Evaluation;

/// <summary>Variables of a block; inner scopes see outer ones and never change them.</summary>
internal sealed class Scope(Scope? parent)
{
    private Dictionary<string, object?>? variables;

    public void Set(string name, object? value) => (variables ??= new Dictionary<string, object?>(StringComparer.Ordinal))[name] = value;

    public bool TryGet(string name, out object? value)
    {
        for (var scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope.variables is not null && scope.variables.TryGetValue(name, out value))
                return true;
        }
        value = null;
        return false;
    }

    private Scope? Parent => parent;
}
