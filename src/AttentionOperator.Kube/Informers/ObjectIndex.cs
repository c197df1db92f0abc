namespace AttentionOperator.Kube.Informers;

/// <summary>Objects by the values that a function gives for them. Callers hold the store's lock.</summary>
internal sealed class ObjectIndex<T>(Func<T, IEnumerable<string>> values)
    where T : class
{
    // Owners have a handful of children: an array per value costs far less than a set. A value shared by thousands (a common label) becomes a set.
    private const int ArrayLimit = 16;
    private readonly Dictionary<string, object> buckets = new(StringComparer.Ordinal);

    public void Add(T value)
    {
        foreach (string key in values(value))
        {
            AddTo(key, value);
        }
    }

    public void Replace(T? old, T? value)
    {
        if (old is not null)
        {
            foreach (string key in values(old))
            {
                RemoveFrom(key, old);
            }
        }

        if (value is not null)
        {
            Add(value);
        }
    }

    public T[] Find(string key) => buckets.GetValueOrDefault(key) switch
    {
        T one => [one],
        T[] few => [.. few],
        HashSet<T> many => [.. many],
        _ => [],
    };

    private void AddTo(string key, T value)
    {
        switch (buckets.GetValueOrDefault(key))
        {
            case null:
                buckets[key] = value;
                break;
            case T one when !ReferenceEquals(one, value):
                buckets[key] = new[] { one, value };
                break;
            case T[] few when !Array.Exists(few, other => ReferenceEquals(other, value)):
                buckets[key] = few.Length < ArrayLimit ? (object)(T[])[.. few, value] : new HashSet<T>(few, ReferenceEqualityComparer.Instance) { value };
                break;
            case HashSet<T> many:
                many.Add(value);
                break;
            default:
                break;
        }
    }

    private void RemoveFrom(string key, T value)
    {
        switch (buckets.GetValueOrDefault(key))
        {
            case T one when ReferenceEquals(one, value):
                buckets.Remove(key);
                break;
            case T[] few:
                T[] rest = Array.FindAll(few, other => !ReferenceEquals(other, value));
                if (rest.Length == 1)
                {
                    buckets[key] = rest[0];
                }
                else
                {
                    buckets[key] = rest;
                }

                break;
            case HashSet<T> many:
                many.Remove(value);
                if (many.Count == 0)
                {
                    buckets.Remove(key);
                }

                break;
            default:
                break;
        }
    }
}
