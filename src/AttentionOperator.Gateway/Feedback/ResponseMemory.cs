using System.IO.Hashing;
using System.Text;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Gateway.Feedback;

/// <summary>
/// Remembers which revision gave an answer, for feedback on it: the newest so many answers of this replica, about 100 bytes each. Each can be judged once.
/// </summary>
internal sealed class ResponseMemory(int capacity = 100_000)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, (ObjectKey Model, string Revision)> _answers = [];
    private readonly Queue<UInt128> _order = new();

    public void Remember(string id, ObjectKey model, string revision)
    {
        var key = KeyOf(id);
        lock (_lock)
        {
            if (!_answers.TryAdd(key, (model, revision))) return;
            _order.Enqueue(key);
            while (_order.Count > capacity) _answers.Remove(_order.Dequeue());
        }
    }

    public (ObjectKey Model, string Revision)? Find(string id)
    {
        lock (_lock) return _answers.TryGetValue(KeyOf(id), out var answer) ? answer : null;
    }

    /// <summary>True for the first who takes it.</summary>
    public bool Take(string id)
    {
        // The place in the order stays until it is the oldest: cheaper than to search for it.
        lock (_lock) return _answers.Remove(KeyOf(id));
    }

    private static UInt128 KeyOf(string id) => XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(id));
}
