namespace AttentionOperator.Inference.Constrained;

/// <summary>
/// A context-free grammar over bytes as a recursive transition network: rules are small nondeterministic automata whose edges read a byte, read
/// nothing, or call a rule and go on where it ends.
/// </summary>
internal sealed class Grammar
{
    private readonly List<State> states = [];
    private readonly List<int> starts = [];

    public int Root { get; set; }

    public IReadOnlyList<State> States => states;

    public int RuleCount => starts.Count;

    public int StartOf(int rule) => starts[rule];

    /// <summary>A new rule; its start state is <see cref="StartOf"/>.</summary>
    public int Rule()
    {
        starts.Add(NewState());
        return starts.Count - 1;
    }

    public int NewState()
    {
        states.Add(new State());
        return states.Count - 1;
    }

    public void Accept(int state) => states[state].Accepts = true;

    public void Link(int from, int to) => states[from].Links.Add(to);

    public int Read(int from, byte low, byte high, int to)
    {
        states[from].Ranges.Add(new ByteRange(low, high, to));
        return to;
    }

    public int Read(int from, char low, char high) => Read(from, (byte)low, (byte)high, NewState());

    public int Read(int from, char single) => Read(from, (byte)single, (byte)single, NewState());

    public int Read(int from, ReadOnlySpan<byte> literal)
    {
        foreach (var value in literal) from = Read(from, value, value, NewState());
        return from;
    }

    public int Call(int from, int rule) => Call(from, rule, NewState());

    public int Call(int from, int rule, int to)
    {
        states[from].Calls.Add(new RuleCall(rule, to));
        return to;
    }

    internal sealed class State
    {
        public List<ByteRange> Ranges { get; } = [];

        public List<RuleCall> Calls { get; } = [];

        public List<int> Links { get; } = [];

        public bool Accepts { get; set; }

        /// <summary>A call that returns here can as well return to its caller's caller.</summary>
        public bool OnlyReturns => Accepts && Ranges.Count == 0 && Calls.Count == 0 && Links.Count == 0;
    }

    internal readonly record struct ByteRange(byte Low, byte High, int To);

    internal readonly record struct RuleCall(int Rule, int Return);
}
