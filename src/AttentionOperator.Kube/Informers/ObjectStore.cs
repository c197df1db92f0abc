using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Informers;

/// <summary>The objects and their indexes, under one lock.</summary>
internal sealed class ObjectStore<T>
    where T : class
{
    private readonly Lock gate = new();
    private readonly Dictionary<ObjectKey, T> objects = [];
    private readonly Dictionary<string, ObjectIndex<T>> indexes = new(StringComparer.Ordinal);

    public int Count
    {
        get
        {
            lock (gate)
            {
                return objects.Count;
            }
        }
    }

    public void AddIndex(string name, Func<T, IEnumerable<string>> values)
    {
        lock (gate)
        {
            var index = new ObjectIndex<T>(values);
            if (!indexes.TryAdd(name, index))
            {
                throw new ArgumentException($"There is an index '{name}' already.", nameof(name));
            }

            foreach (T value in objects.Values)
            {
                index.Add(value);
            }
        }
    }

    public T? Get(ObjectKey key)
    {
        lock (gate)
        {
            return objects.GetValueOrDefault(key);
        }
    }

    public List<T> List()
    {
        lock (gate)
        {
            return [.. objects.Values];
        }
    }

    public List<ObjectKey> Keys()
    {
        lock (gate)
        {
            return [.. objects.Keys];
        }
    }

    public IReadOnlyList<T> ByIndex(string name, string value)
    {
        lock (gate)
        {
            return indexes.TryGetValue(name, out ObjectIndex<T>? index)
                ? index.Find(value)
                : throw new ArgumentException($"There is no index '{name}'; add it before use.", nameof(name));
        }
    }

    /// <summary>Stores the object; returns what it replaced.</summary>
    public T? Set(ObjectKey key, T value)
    {
        lock (gate)
        {
            T? old = objects.GetValueOrDefault(key);
            objects[key] = value;
            foreach (ObjectIndex<T> index in indexes.Values)
            {
                index.Replace(old, value);
            }

            return old;
        }
    }

    public T? Remove(ObjectKey key)
    {
        lock (gate)
        {
            if (objects.Remove(key, out T? old))
            {
                foreach (ObjectIndex<T> index in indexes.Values)
                {
                    index.Replace(old, null);
                }
            }

            return old;
        }
    }
}
