using System.Globalization;
using AttentionOperator.Kube.Queues;

namespace AttentionOperator.Kube.Events;

/// <summary>
/// Decides what becomes of a note: a new event, a higher count of one that is there, or nothing. Equal notes share an event; many different messages
/// of one reason are combined; an object that talks too much is cut off. Not thread-safe.
/// </summary>
internal sealed class EventAggregator(EventOptions options, TimeProvider time)
{
    private const string CombinedPrefix = "(combined from similar events) ";
    private readonly Dictionary<SeriesKey, EventSeries> series = [];
    private readonly Dictionary<SeriesKey, Similar> similar = [];
    private readonly Dictionary<string, Budget> budgets = new(StringComparer.Ordinal);
    private long lastName;

    /// <summary>Entries of all kinds that are kept.</summary>
    public int Remembered => series.Count + similar.Count + budgets.Count;

    public EventDecision Decide(EventNote note)
    {
        DateTimeOffset now = time.GetUtcNow();
        Trim(now);
        if (!BudgetOf(note, now).TryTake())
        {
            return new EventDecision(EventDecisionKind.Drop, null);
        }

        var group = new SeriesKey(ObjectId(note), note.Kind, note.Reason, "");
        bool combined = Combines(group, note.Message, now);
        string message = Shorten(combined ? CombinedPrefix + note.Message : note.Message);
        SeriesKey key = combined ? group : group with { Message = note.Message };
        if (series.TryGetValue(key, out EventSeries? known) && now - known.Last <= options.Window)
        {
            known.Count++;
            known.Last = now;
            return new EventDecision(EventDecisionKind.Repeat, known);
        }

        var created = new EventSeries(NameFor(note, now), note, message, now);
        series[key] = created;
        return new EventDecision(EventDecisionKind.Create, created);
    }

    private static string ObjectId(EventNote note) => note.Object.Uid.Length > 0 ? note.Object.Uid : $"{note.Regarding.FullName}/{note.Object.Key}";

    private static string Shorten(string message) => message.Length <= 1024 ? message : message[..1023] + "…";

    private bool Combines(SeriesKey group, string message, DateTimeOffset now)
    {
        if (!similar.TryGetValue(group, out Similar? messages) || now - messages.Last > options.Window)
        {
            similar[group] = messages = new Similar();
        }

        messages.Last = now;
        if (messages.Seen.Contains(message))
        {
            return false;
        }

        if (messages.Seen.Count >= options.MaxSimilar)
        {
            return true;
        }

        messages.Seen.Add(message);
        return false;
    }

    private TokenBucket BudgetOf(EventNote note, DateTimeOffset now)
    {
        string id = ObjectId(note);
        if (!budgets.TryGetValue(id, out Budget? budget))
        {
            budgets[id] = budget = new Budget(new TokenBucket(1 / options.RefillInterval.TotalSeconds, options.Burst, time));
        }

        budget.Last = now;
        return budget.Bucket;
    }

    private string NameFor(EventNote note, DateTimeOffset now)
    {
        // Nanoseconds, as client-go names them; never the same twice from one process.
        lastName = Math.Max(lastName + 1, (now - DateTimeOffset.UnixEpoch).Ticks * 100);
        string name = note.Object.Key.Name.Length <= 200 ? note.Object.Key.Name : note.Object.Key.Name[..200];
        return $"{name}.{lastName.ToString("x", CultureInfo.InvariantCulture)}";
    }

    private void Trim(DateTimeOffset now)
    {
        if (series.Count >= options.MaxRemembered)
        {
            Drop(series, s => s.Last, now);
        }

        if (similar.Count >= options.MaxRemembered)
        {
            Drop(similar, s => s.Last, now);
        }

        if (budgets.Count >= options.MaxRemembered)
        {
            Drop(budgets, b => b.Last, now);
        }
    }

    private void Drop<TKey, TValue>(Dictionary<TKey, TValue> map, Func<TValue, DateTimeOffset> last, DateTimeOffset now)
        where TKey : notnull
    {
        foreach ((TKey key, TValue value) in map.Where(e => now - last(e.Value) > options.Window).ToList())
        {
            map.Remove(key);
        }

        if (map.Count < options.MaxRemembered)
        {
            return;
        }

        foreach ((TKey key, _) in map.OrderBy(e => last(e.Value)).Take((map.Count / 4) + 1).ToList())
        {
            map.Remove(key);
        }
    }

    private sealed record SeriesKey(string Object, EventKind Kind, string Reason, string Message);

    private sealed class Similar
    {
        public HashSet<string> Seen { get; } = new(StringComparer.Ordinal);

        public DateTimeOffset Last { get; set; }
    }

    private sealed class Budget(TokenBucket bucket)
    {
        public TokenBucket Bucket { get; } = bucket;

        public DateTimeOffset Last { get; set; }
    }
}
