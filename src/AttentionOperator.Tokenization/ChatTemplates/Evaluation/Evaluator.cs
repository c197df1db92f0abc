using AttentionOperator.Tokenization.ChatTemplates.Library;
using AttentionOperator.Tokenization.ChatTemplates.Syntax;

namespace AttentionOperator.Tokenization.ChatTemplates.Evaluation;

/// <summary>Evaluates expressions.</summary>
internal sealed class Evaluator(RenderContext context)
{
    public RenderContext Context => context;

    public object? Evaluate(Expression expression, Scope scope)
    {
        context.Enter(expression.Line);
        context.Step(expression.Line);
        var value = expression switch
        {
            Literal literal => literal.Value,
            Variable variable => Lookup(variable, scope),
            ListLiteral { IsTuple: true } tuple => new TupleValue(tuple.Items.Select(i => Evaluate(i, scope))),
            ListLiteral list => list.Items.Select(i => Evaluate(i, scope)).ToList(),
            DictLiteral dict => EvaluateDict(dict, scope),
            Unary unary => EvaluateUnary(unary, scope),
            Binary binary => EvaluateBinary(binary, scope),
            Comparison comparison => EvaluateComparison(comparison, scope),
            Conditional conditional => EvaluateConditional(conditional, scope),
            Member member => Members.Get(Evaluate(member.Target, scope), member.Name, this, member.Line),
            Subscript subscript => Members.GetItem(Evaluate(subscript.Target, scope), Evaluate(subscript.Index, scope), this, subscript.Line),
            Slice slice => EvaluateSlice(slice, scope),
            Call call => EvaluateCall(call, scope),
            Filter filter => EvaluateFilter(filter, scope, null),
            Test test => EvaluateTest(test, scope),
            _ => throw new InvalidOperationException($"Unknown expression {expression.GetType().Name}."),
        };
        context.Leave();
        return value;
    }

    public object? EvaluateFilter(Filter filter, Scope scope, object? block)
    {
        var target = filter.Target switch
        {
            null => block,
            Filter inner => EvaluateFilter(inner, scope, block),
            var expression => Evaluate(expression, scope),
        };
        return FilterLibrary.Apply(filter.Name, target, Bind(filter.Name, filter.Arguments, scope, filter.Line), this);
    }

    private static object? Lookup(Variable variable, Scope scope, RenderContext context) =>
        scope.TryGet(variable.Name, out var value) || context.Globals.TryGetValue(variable.Name, out value)
            ? value
            : GlobalFunctions.Find(variable.Name, context) ?? (object)new Undefined($"'{variable.Name}' is undefined");

    private object? Lookup(Variable variable, Scope scope) => Lookup(variable, scope, context);

    private OrderedDictionary<string, object?> EvaluateDict(DictLiteral literal, Scope scope)
    {
        var dict = new OrderedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, value) in literal.Items)
        {
            dict[Evaluate(key, scope) as string ?? throw new ChatTemplateException("a dict key that is not a string is not supported", key.Line)] =
                Evaluate(value, scope);
        }
        return dict;
    }

    private object? EvaluateUnary(Unary unary, Scope scope)
    {
        var operand = Evaluate(unary.Operand, scope);
        return unary.Operator switch
        {
            "not" => !Values.IsTrue(operand),
            "-" => Arithmetic.Negate(operand, unary.Line),
            _ => Arithmetic.Apply("+", 0L, operand, context, unary.Line),
        };
    }

    private object? EvaluateBinary(Binary binary, Scope scope)
    {
        var left = Evaluate(binary.Left, scope);
        return binary.Operator switch
        {
            "and" => Values.IsTrue(left) ? Evaluate(binary.Right, scope) : left,
            "or" => Values.IsTrue(left) ? left : Evaluate(binary.Right, scope),
            _ => Arithmetic.Apply(binary.Operator, left, Evaluate(binary.Right, scope), context, binary.Line),
        };
    }

    private bool EvaluateComparison(Comparison comparison, Scope scope)
    {
        var left = Evaluate(comparison.First, scope);
        foreach (var (name, operand) in comparison.Rest)
        {
            var right = Evaluate(operand, scope);
            if (!Holds(name, left, right, comparison.Line))
                return false;
            left = right;
        }
        return true;
    }

    private bool Holds(string name, object? left, object? right, int line)
    {
        if (right is List<object?> list)
            context.Step(line, list.Count);
        switch (name)
        {
            case "==": return Values.AreEqual(left, right);
            case "!=": return !Values.AreEqual(left, right);
            case "in": return Values.Contains(right, left, line);
            case "not in": return !Values.Contains(right, left, line);
        }
        var order = Values.Compare(left, right)
            ?? throw new ChatTemplateException($"'{name}' does not compare {Values.TypeName(left)} and {Values.TypeName(right)}", line);
        return name switch
        {
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            _ => order >= 0,
        };
    }

    private object? EvaluateConditional(Conditional conditional, Scope scope) => Values.IsTrue(Evaluate(conditional.Condition, scope))
        ? Evaluate(conditional.Then, scope)
        : conditional.Else is null ? new Undefined("the condition is false and there is no 'else'") : Evaluate(conditional.Else, scope);

    private object? EvaluateSlice(Slice slice, Scope scope)
    {
        var target = Evaluate(slice.Target, scope);
        if (target is List<object?> list)
            context.Step(slice.Line, list.Count);
        if (target is string text)
            context.CheckLength(text.Length, slice.Line);
        return Slicing.Slice(target, Bound(slice.Start), Bound(slice.Stop), Bound(slice.Step), slice.Line);

        long? Bound(Expression? bound) => bound is null ? null : Evaluate(bound, scope) switch
        {
            null => null,
            long n => n,
            bool b => b ? 1 : 0,
            var other => throw new ChatTemplateException($"a slice needs whole numbers, not {Values.TypeName(other)}", slice.Line),
        };
    }

    private object? EvaluateCall(Call call, Scope scope)
    {
        var target = Evaluate(call.Target, scope);
        var name = call.Target switch { Variable v => v.Name, Member m => m.Name, _ => "call" };
        return target switch
        {
            TemplateFunction function => function(Bind(name, call.Arguments, scope, call.Line)),
            Undefined missing => throw new ChatTemplateException(missing.What, call.Line),
            _ => throw new ChatTemplateException($"'{name}' is of type {Values.TypeName(target)} and cannot be called", call.Line),
        };
    }

    private bool EvaluateTest(Test test, Scope scope) =>
        TestLibrary.Apply(test.Name, Evaluate(test.Target, scope), Bind(test.Name, test.Arguments, scope, test.Line), this);

    private Arguments Bind(string name, CallArguments arguments, Scope scope, int line)
    {
        var positional = arguments.Positional.Count == 0 ? [] : arguments.Positional.Select(a => Evaluate(a, scope)).ToArray();
        var named = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, value) in arguments.Named)
            named[key] = Evaluate(value, scope);
        return new Arguments(name, positional, named, line);
    }
}
