using System.Text;
using AttentionOperator.Tokenization.ChatTemplates.Syntax;

namespace AttentionOperator.Tokenization.ChatTemplates.Evaluation;

/// <summary>Runs statements and collects their output.</summary>
internal sealed class StatementRunner
{
    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    private readonly RenderContext context;
    private readonly Evaluator evaluator;

    private StatementRunner(RenderContext context)
    {
        this.context = context;
        evaluator = new Evaluator(context);
    }

    public static string Render(IReadOnlyList<Statement> body, RenderContext context)
    {
        var output = new StringBuilder();
        new StatementRunner(context).Run(body, new Scope(null), output);
        return output.ToString();
    }

    private Flow Run(IReadOnlyList<Statement> body, Scope scope, StringBuilder output)
    {
        foreach (var statement in body)
        {
            context.Enter(statement.Line);
            context.Step(statement.Line);
            var flow = Run(statement, scope, output);
            context.Leave();
            if (flow != Flow.Next)
                return flow;
        }
        return Flow.Next;
    }

    private Flow Run(Statement statement, Scope scope, StringBuilder output)
    {
        switch (statement)
        {
            case Data data:
                Write(data.Text, output, data.Line);
                return Flow.Next;
            case Output value:
                Write(TextOf(evaluator.Evaluate(value.Value, scope), value.Line), output, value.Line);
                return Flow.Next;
            case If branch:
                return RunIf(branch, scope, output);
            case For loop:
                RunFor(loop, scope, output);
                return Flow.Next;
            case Set set:
                Assign(set, scope);
                return Flow.Next;
            case SetBlock set:
                object? text = Capture(set.Body, new Scope(scope));
                if (set.Filter is not null)
                    text = evaluator.EvaluateFilter(set.Filter, scope, text);
                AssignOne(set.Target, set.Attribute, text, scope, set.Line);
                return Flow.Next;
            case FilterBlock block:
                Write(TextOf(evaluator.EvaluateFilter(block.Filter, scope, Capture(block.Body, new Scope(scope))), block.Line), output, block.Line);
                return Flow.Next;
            case MacroDefinition macro:
                scope.Set(macro.Name, (TemplateFunction)(arguments => CallMacro(macro, scope, arguments)));
                return Flow.Next;
            case With with:
                var inner = new Scope(scope);
                foreach (var (name, value) in with.Variables)
                    inner.Set(name, evaluator.Evaluate(value, scope));
                return Run(with.Body, inner, output);
            case Group group:
                return Run(group.Body, scope, output);
            case Break:
                return Flow.Break;
            case Continue:
                return Flow.Continue;
            default:
                throw new InvalidOperationException($"Unknown statement {statement.GetType().Name}.");
        }
    }

    private Flow RunIf(If branch, Scope scope, StringBuilder output)
    {
        foreach (var (condition, body) in branch.Branches)
        {
            if (Values.IsTrue(evaluator.Evaluate(condition, scope)))
                return Run(body, scope, output);
        }
        return Run(branch.Else, scope, output);
    }

    private void RunFor(For loop, Scope scope, StringBuilder output)
    {
        var items = Values.Items(evaluator.Evaluate(loop.Iterable, scope), loop.Line);
        context.Step(loop.Line, items.Count);
        if (loop.Condition is not null)
        {
            items = items.FindAll(item =>
            {
                var filterScope = new Scope(scope);
                Unpack(loop.Targets, item, filterScope, loop.Line);
                return Values.IsTrue(evaluator.Evaluate(loop.Condition, filterScope));
            });
        }
        if (items.Count == 0)
        {
            Run(loop.Else, new Scope(scope), output);
            return;
        }
        var state = new LoopState(items);
        for (state.Index = 0; state.Index < items.Count; state.Index++)
        {
            var inner = new Scope(scope);
            inner.Set("loop", state);
            Unpack(loop.Targets, items[state.Index], inner, loop.Line);
            if (Run(loop.Body, inner, output) == Flow.Break)
                break;
        }
    }

    private void Assign(Set set, Scope scope)
    {
        var value = evaluator.Evaluate(set.Value, scope);
        if (set.Targets.Count == 1)
            AssignOne(set.Targets[0], set.Attribute, value, scope, set.Line);
        else
            Unpack(set.Targets, value, scope, set.Line);
    }

    private void AssignOne(string target, string? attribute, object? value, Scope scope, int line)
    {
        if (attribute is null)
        {
            scope.Set(target, value);
            return;
        }
        if (!scope.TryGet(target, out var holder) && !context.Globals.TryGetValue(target, out holder))
            throw new ChatTemplateException($"'{target}' is undefined", line);
        if (holder is not TemplateNamespace space)
            throw new ChatTemplateException($"cannot assign attribute '{attribute}': '{target}' is no namespace", line);
        space.Attributes[attribute] = value;
    }

    private static void Unpack(IReadOnlyList<string> targets, object? value, Scope scope, int line)
    {
        if (targets.Count == 1)
        {
            scope.Set(targets[0], value);
            return;
        }
        var items = Values.Items(value, line);
        if (items.Count != targets.Count)
            throw new ChatTemplateException($"{targets.Count} values are expected, not {items.Count}", line);
        for (var i = 0; i < targets.Count; i++)
            scope.Set(targets[i], items[i]);
    }

    private string CallMacro(MacroDefinition macro, Scope defined, Arguments arguments)
    {
        var scope = new Scope(defined);
        foreach (var (name, absent) in macro.Parameters)
        {
            var missing = new Undefined($"parameter '{name}' was not provided");
            var value = arguments.Take(name, missing);
            scope.Set(name, ReferenceEquals(value, missing) && absent is not null ? evaluator.Evaluate(absent, scope) : value);
        }
        arguments.End();
        return Capture(macro.Body, scope);
    }

    private string Capture(IReadOnlyList<Statement> body, Scope scope)
    {
        var output = new StringBuilder();
        Run(body, scope, output);
        return output.ToString();
    }

    private static string TextOf(object? value, int line)
    {
        try
        {
            return Texts.Of(value);
        }
        catch (ChatTemplateException e) when (e.Line == 0)
        {
            throw new ChatTemplateException($"a value of type {Values.TypeName(value)} cannot be printed", line, inner: e);
        }
    }

    private void Write(string text, StringBuilder output, int line)
    {
        if ((long)output.Length + text.Length > context.LongestText)
            throw new ChatTemplateException($"the output is longer than {context.LongestText} characters", line);
        context.CheckLength(text.Length, line);
        output.Append(text);
    }
}
