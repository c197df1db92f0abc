namespace AttentionOperator.Inference.Constrained;

/// <summary>Finds rules that reach themselves before reading a byte; the automaton would never come to an end with them.</summary>
internal static class LeftRecursion
{
    public static bool Exists(Grammar grammar)
    {
        // 0 = unknown, 1 = being looked at, 2 = fine.
        var marks = new int[grammar.RuleCount];
        for (var rule = 0; rule < marks.Length; rule++)
            if (Visit(grammar, rule, marks)) return true;
        return false;
    }

    private static bool Visit(Grammar grammar, int rule, int[] marks)
    {
        if (marks[rule] != 0) return marks[rule] == 1;
        marks[rule] = 1;
        HashSet<int> seen = [];
        Stack<int> open = new([grammar.StartOf(rule)]);
        while (open.TryPop(out var index))
        {
            if (!seen.Add(index)) continue;
            var state = grammar.States[index];
            foreach (var link in state.Links) open.Push(link);
            foreach (var call in state.Calls)
            {
                if (Visit(grammar, call.Rule, marks)) return true;
                // Only whitespace may be empty, and no value begins with it; following its return costs nothing and is always right.
                if (grammar.States[grammar.StartOf(call.Rule)].Accepts) open.Push(call.Return);
            }
        }

        marks[rule] = 2;
        return false;
    }
}
