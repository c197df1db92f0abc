using AttentionOperator.Tokenization;

namespace AttentionOperator.Inference.Constrained;

/// <summary>Makes constraints from JSON schemas; requests with the same schema share one automaton and its masks. Thread-safe.</summary>
internal sealed class ConstraintFactory(ITokenizer tokenizer, int vocabularySize)
{
    private const int MaxSchemas = 64;
    private readonly Lock gate = new();
    private readonly Dictionary<string, LinkedListNode<(string Schema, GrammarAutomaton Automaton)>> known = [];
    private readonly LinkedList<(string Schema, GrammarAutomaton Automaton)> recent = [];

    // Reading the whole vocabulary takes a moment that requests without a schema need not wait for.
    private readonly Lazy<TokenTrie> trie = new(() => new TokenTrie(tokenizer, vocabularySize));

    /// <exception cref="Engine.RequestRefusedException">The schema uses what cannot be guaranteed.</exception>
    public ITokenConstraint? For(string? schema) => schema is null ? null : new ConstraintCursor(AutomatonFor(schema), tokenizer);

    private GrammarAutomaton AutomatonFor(string schema)
    {
        lock (gate)
        {
            if (known.TryGetValue(schema, out var node))
            {
                recent.Remove(node);
                recent.AddLast(node);
                return node.Value.Automaton;
            }
        }

        var automaton = new GrammarAutomaton(SchemaCompiler.Compile(schema), trie.Value);
        lock (gate)
        {
            if (known.TryGetValue(schema, out var raced)) return raced.Value.Automaton;
            known[schema] = recent.AddLast((schema, automaton));
            if (known.Count > MaxSchemas)
            {
                known.Remove(recent.First!.Value.Schema);
                recent.RemoveFirst();
            }

            return automaton;
        }
    }
}
