namespace AttentionOperator.Inference.Cache;

/// <summary>Slots for encoder outputs of an encoder-decoder, accounted like blocks: taken once, given back once.</summary>
internal sealed class CrossSlotPool
{
    private readonly Stack<int> free;
    private readonly bool[] taken;
    private readonly Action<int> forget;

    /// <param name="count">Slots of the executor.</param>
    /// <param name="forget">Tells the executor that a slot's content is no longer needed.</param>
    public CrossSlotPool(int count, Action<int> forget)
    {
        this.forget = forget;
        taken = new bool[count];
        free = new Stack<int>(count);
        for (var slot = count - 1; slot >= 0; slot--) free.Push(slot);
    }

    public int Total => taken.Length;

    public int Free => free.Count;

    public int Take()
    {
        var slot = free.Pop();
        taken[slot] = true;
        return slot;
    }

    /// <param name="slot">A taken slot.</param>
    /// <param name="encoded">The executor holds an encoder output in it.</param>
    public void Release(int slot, bool encoded)
    {
        if (!taken[slot]) throw new InvalidOperationException($"Cross slot {slot} is released but was not taken.");
        taken[slot] = false;
        free.Push(slot);
        if (encoded) forget(slot);
    }
}
