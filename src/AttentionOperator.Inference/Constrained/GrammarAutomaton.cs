using System.Runtime.CompilerServices;

namespace AttentionOperator.Inference.Constrained;

/// <summary>
/// The grammar made deterministic as far as answers actually go: a state is a set of (grammar state, call stack) pairs, its transitions and its
/// token mask are computed once and kept. Shared by all requests with the same schema; thread-safe.
/// </summary>
internal sealed class GrammarAutomaton
{
    /// <summary>Beyond this the memory of states starts anew; answers under way keep the states that they are in.</summary>
    private const int MaxStates = 4096;

    private readonly Lock gate = new();
    private readonly Grammar grammar;
    private readonly TokenTrie trie;
    private readonly Dictionary<Configuration[], AutomatonState> accepting = new(new SameConfigurations());
    private readonly Dictionary<Configuration[], AutomatonState> others = new(new SameConfigurations());
    private readonly Dictionary<(int Return, CallStack? Below), CallStack> stacks = [];
    private readonly HashSet<Configuration> closure = [];
    private readonly Stack<Configuration> open = new();
    private readonly AutomatonState[] path;
    private int stackIds;

    public GrammarAutomaton(Grammar grammar, TokenTrie trie)
    {
        this.grammar = grammar;
        this.trie = trie;
        path = new AutomatonState[trie.MaxDepth + 1];
        open.Push(new Configuration(grammar.StartOf(grammar.Root), null));
        Start = Close();
    }

    public AutomatonState Start { get; }

    public int VocabularyWords => trie.Words;

    /// <summary>The state after a byte; null where the byte is not allowed.</summary>
    public AutomatonState? Next(AutomatonState state, byte value)
    {
        lock (gate)
        {
            var next = Step(state, value);
            return next.IsDead ? null : next;
        }
    }

    /// <summary>Tokens all of whose bytes are allowed from this state on, a bit per id. Computed on the first call, kept with the state.</summary>
    public ulong[] Mask(AutomatonState state)
    {
        lock (gate) return state.Mask ??= Walk(state);
    }

    private ulong[] Walk(AutomatonState state)
    {
        var mask = new ulong[trie.Words];
        path[0] = state;
        for (var node = 0; node < trie.Nodes;)
        {
            var depth = trie.DepthAt(node);
            var next = Step(path[depth - 1], trie.ByteAt(node));
            if (next.IsDead)
            {
                node = trie.EndOf(node);
                continue;
            }

            path[depth] = next;
            for (var token = trie.TokenAt(node); token >= 0; token = trie.SameAs(token)) mask[token >> 6] |= 1UL << (token & 63);
            node++;
        }

        Array.Clear(path);
        return mask;
    }

    private AutomatonState Step(AutomatonState state, byte value)
    {
        if (state.Next[value] is { } known) return known;
        foreach (var (index, stack) in state.Configurations)
            foreach (var range in grammar.States[index].Ranges)
                if (value >= range.Low && value <= range.High) open.Push(new Configuration(range.To, stack));
        return state.Next[value] = open.Count == 0 ? AutomatonState.Dead : Close();
    }

    /// <summary>Follows everything that reads no byte, from the open configurations on.</summary>
    private AutomatonState Close()
    {
        closure.Clear();
        var accepts = false;
        while (open.TryPop(out var configuration))
        {
            if (!closure.Add(configuration)) continue;
            var (index, stack) = configuration;
            var state = grammar.States[index];
            foreach (var link in state.Links) open.Push(new Configuration(link, stack));
            foreach (var call in state.Calls)
            {
                // A call in last position returns where its caller would: recursion does not pile up.
                var below = grammar.States[call.Return].OnlyReturns ? stack : Stack(call.Return, stack);
                open.Push(new Configuration(grammar.StartOf(call.Rule), below));
            }

            if (!state.Accepts) continue;
            if (stack is null) accepts = true;
            else open.Push(new Configuration(stack.Return, stack.Below));
        }

        Configuration[] reading = [.. closure.Where(c => grammar.States[c.State].Ranges.Count > 0)];
        Array.Sort(reading, (left, right) => left.State != right.State ? left.State.CompareTo(right.State) : (left.Stack?.Id ?? -1).CompareTo(right.Stack?.Id ?? -1));
        return Intern(reading, accepts);
    }

    private AutomatonState Intern(Configuration[] reading, bool accepts)
    {
        if (reading.Length == 0 && !accepts) return AutomatonState.Dead;
        var states = accepts ? accepting : others;
        if (states.TryGetValue(reading, out var known)) return known;
        if (accepting.Count + others.Count >= MaxStates)
        {
            accepting.Clear();
            others.Clear();
            stacks.Clear();
        }

        return states[reading] = new AutomatonState(reading, accepts);
    }

    private CallStack Stack(int returnState, CallStack? below)
    {
        if (!stacks.TryGetValue((returnState, below), out var stack)) stacks[(returnState, below)] = stack = new CallStack(returnState, below, stackIds++);
        return stack;
    }

    /// <summary>Where calls return to. Made once per content, so that equality is identity.</summary>
    internal sealed class CallStack(int returnState, CallStack? below, int id)
    {
        public int Return => returnState;

        public CallStack? Below => below;

        public int Id => id;
    }

    internal readonly record struct Configuration(int State, CallStack? Stack);

    /// <summary>One deterministic state.</summary>
    internal sealed class AutomatonState(Configuration[] configurations, bool accepting)
    {
        public static readonly AutomatonState Dead = new([], false);

        public Configuration[] Configurations => configurations;

        /// <summary>What was read so far is a sentence.</summary>
        public bool Accepting => accepting;

        /// <summary>It is a sentence, and nothing can follow.</summary>
        public bool Complete => accepting && configurations.Length == 0;

        public bool IsDead => ReferenceEquals(this, Dead);

        public AutomatonState?[] Next { get; } = new AutomatonState?[256];

        public ulong[]? Mask { get; set; }
    }

    private sealed class SameConfigurations : IEqualityComparer<Configuration[]>
    {
        public bool Equals(Configuration[]? x, Configuration[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(Configuration[] configurations)
        {
            HashCode hash = default;
            foreach (var (state, stack) in configurations)
            {
                hash.Add(state);
                hash.Add(stack is null ? 0 : RuntimeHelpers.GetHashCode(stack));
            }

            return hash.ToHashCode();
        }
    }
}
