using System.Collections;
using System.Globalization;

namespace AttentionOperator.Kube.Control;

/// <summary>Log scope of one reconcile: controller, key and a number that tells this reconcile's lines from the next one's.</summary>
internal sealed class ReconcileScope(string controller, string key, long id) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public int Count => 3;

    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new("controller", controller),
        1 => new("key", key),
        2 => new("reconcileId", id),
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"controller:{controller} key:{key} reconcileId:{id}");

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
