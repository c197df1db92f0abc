namespace AttentionOperator.Kube.Apply;

/// <summary>How server-side apply merges a list: as one value, as a set, or by the keys of its items.</summary>
public sealed class ListSemantics
{
    private ListSemantics(bool isSet, IReadOnlyList<string> keys)
    {
        IsSet = isSet;
        Keys = keys;
    }

    public static ListSemantics Atomic { get; } = new(false, []);

    public static ListSemantics Set { get; } = new(true, []);

    public bool IsSet { get; }

    /// <summary>x-kubernetes-list-map-keys; empty for other lists.</summary>
    public IReadOnlyList<string> Keys { get; }

    public bool IsMap => Keys.Count > 0;

    public static ListSemantics Map(params string[] keys) => new(false, keys);
}
