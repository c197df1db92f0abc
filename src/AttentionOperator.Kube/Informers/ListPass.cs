using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Informers;

/// <summary>One list in progress: objects go into the cache as they come, and what was not in the list leaves it at the end.</summary>
internal sealed class ListPass<T>(ObjectCache<T> cache, IObjectCodec<T> codec)
    where T : class
{
    private readonly bool isInitial = !cache.HasListed;
    private readonly HashSet<ObjectKey> seen = [];

    public void Add(T value)
    {
        seen.Add(codec.Identify(value).Key);
        cache.Upsert(value, isInitial);
    }

    /// <summary>The object is there, but cannot be read: its last readable version stays.</summary>
    public void Keep(ObjectKey key) => seen.Add(key);

    public void Remove(ObjectKey key) => seen.Remove(key);

    public void Complete()
    {
        cache.RetainOnly(seen);
        cache.HasListed = true;
    }
}
