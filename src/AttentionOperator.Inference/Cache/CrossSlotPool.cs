namespace AttentionOperator.Inference.Cache;

/// <summary>Slots for encoder outputs of an encoder-decoder, accounted like blocks: taken once, given back once.</summary>
internal sealed class CrossSlotPool
{
    private readonly Stack<int> free;
    private readonly bool[] taken;

    public CrossSlotPool(int count)
    {
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

    public void Release(int slot)
    {
        if (!taken[slot]) throw new InvalidOperationException($"Cross slot {slot} is released but was not taken.");
        taken[slot] = false;
        free.Push(slot);
    }
}
