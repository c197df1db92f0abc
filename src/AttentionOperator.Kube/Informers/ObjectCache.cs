using AttentionOperator.Kube.Objects;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.Kube.Informers;

/// <summary>The store together with its handlers: a change is stored, then shown, and no two changes overlap.</summary>
internal sealed class ObjectCache<T>(IObjectCodec<T> codec, Func<T, T>? trim, ILogger logger)
    where T : class
{
    private readonly Lock changes = new();
    private readonly ObjectStore<T> store = new();
    private Action<InformerEvent<T>>[] handlers = [];

    public bool HasListed { get; set; }

    public int Count => store.Count;

    public void AddIndex(string name, Func<T, IEnumerable<string>> values) => store.AddIndex(name, values);

    public T? Get(ObjectKey key) => store.Get(key);

    public IReadOnlyList<T> List() => store.List();

    public IReadOnlyList<T> ByIndex(string index, string value) => store.ByIndex(index, value);

    public IDisposable AddHandler(Action<InformerEvent<T>> handler)
    {
        lock (changes)
        {
            foreach (T value in store.List())
            {
                Show(handler, new InformerEvent<T>(InformerEventKind.Added, codec.Identify(value).Key, null, value, IsInitial: true));
            }

            handlers = [.. handlers, handler];
        }

        return new Registration(() =>
        {
            lock (changes)
            {
                handlers = Array.FindAll(handlers, h => h != handler);
            }
        });
    }

    public void Upsert(T value, bool isInitial)
    {
        ObjectIdentity identity = codec.Identify(value);
        lock (changes)
        {
            T? old = store.Get(identity.Key);
            if (old is not null)
            {
                ObjectIdentity before = codec.Identify(old);
                if (before.IsSameVersionAs(identity))
                {
                    return;
                }

                if (before.Uid != identity.Uid)
                {
                    // Deleted and created again while nobody looked: children of the old one must see it go.
                    store.Remove(identity.Key);
                    Show(new InformerEvent<T>(InformerEventKind.Deleted, identity.Key, old, null, IsInitial: false));
                    old = null;
                }
            }

            T kept = trim is null ? value : trim(value);
            store.Set(identity.Key, kept);
            Show(new InformerEvent<T>(old is null ? InformerEventKind.Added : InformerEventKind.Modified, identity.Key, old, kept, isInitial));
        }
    }

    /// <summary>Removes the object; <paramref name="last"/> is its final state where the server told it.</summary>
    public void Delete(ObjectKey key, T? last)
    {
        lock (changes)
        {
            if (store.Remove(key) is { } old)
            {
                Show(new InformerEvent<T>(InformerEventKind.Deleted, key, last ?? old, null, IsInitial: false));
            }
        }
    }

    public void RetainOnly(HashSet<ObjectKey> keys)
    {
        lock (changes)
        {
            foreach (ObjectKey key in store.Keys())
            {
                if (!keys.Contains(key) && store.Remove(key) is { } old)
                {
                    Show(new InformerEvent<T>(InformerEventKind.Deleted, key, old, null, IsInitial: false));
                }
            }
        }
    }

    public void Resync()
    {
        foreach (ObjectKey key in store.Keys())
        {
            lock (changes)
            {
                if (store.Get(key) is { } value)
                {
                    Show(new InformerEvent<T>(InformerEventKind.Resync, key, value, value, IsInitial: false));
                }
            }
        }
    }

    private void Show(InformerEvent<T> change)
    {
        foreach (Action<InformerEvent<T>> handler in handlers)
        {
            Show(handler, change);
        }
    }

    private void Show(Action<InformerEvent<T>> handler, InformerEvent<T> change)
    {
        try
        {
            handler(change);
        }
#pragma warning disable CA1031 // One handler's error must not reach the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            InformerLog.HandlerFailed(logger, e, typeof(T).Name, change.Key.ToString());
        }
    }

    private sealed class Registration(Action remove) : IDisposable
    {
        public void Dispose() => remove();
    }
}
