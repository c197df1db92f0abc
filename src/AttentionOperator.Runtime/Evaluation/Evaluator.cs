using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Runtime.Evaluation;

/// <summary>Runs a golden set against a revision, and against the stable one beside it.</summary>
internal sealed class Evaluator(EvaluateArguments arguments, RevisionClient canary, RevisionClient? stable)
{
    /// <summary>What a perplexity is cut off at, and what it is where a case was not answered: more than any bound can allow.</summary>
    public const double WorstPerplexity = 1e9;

    // Enough to keep a replica busy, too few to crowd out a stable revision's clients.
    private const int Concurrency = 2;

    /// <exception cref="EvaluationException">The canary, or a stable revision that the metric needs, cannot be asked.</exception>
    public async Task<EvaluationReport> RunAsync(IReadOnlyList<EvaluationCase> cases, CancellationToken cancellation)
    {
        if (arguments.Metric == EvaluationMetric.Cosine && stable is null)
        {
            throw new EvaluationException("no replica of the stable revision is ready, and Cosine compares with it");
        }

        var results = new Outcome[cases.Count];
        await Parallel.ForAsync(0, cases.Count, new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellation }, async (i, token) => results[i] = await RunAsync(cases[i], token));
        var compared = results.Where(result => result.Parity is not null).ToList();
        return new EvaluationReport
        {
            Score = Score(results, result => result.Canary)!.Value,
            StableScore = Score(results, result => result.Stable, optional: true),
            Parity = compared.Count == 0 ? null : compared.Average(result => result.Parity!.Value),
            Cases = cases.Count,
            Unanswered = results.Count(result => result.Canary is null),
            Tokenizer = await canary.TokenizerAsync(cancellation),
            StableTokenizer = stable is null ? null : await Optional(() => stable.TokenizerAsync(cancellation)),
        };
    }

    private Task<Outcome> RunAsync(EvaluationCase item, CancellationToken cancellation) => arguments.Metric switch
    {
        EvaluationMetric.Cosine => CompareVectorsAsync(item, cancellation),
        EvaluationMetric.Perplexity => CompareLikelihoodsAsync(item, cancellation),
        _ => CompareTextsAsync(item, cancellation),
    };

    private async Task<Outcome> CompareTextsAsync(EvaluationCase item, CancellationToken cancellation)
    {
        var other = Optional(() => stable?.AnswerAsync(arguments.Task, item.Prompt, arguments.MaxTokens, cancellation));
        var own = await canary.AnswerAsync(arguments.Task, item.Prompt, arguments.MaxTokens, cancellation);
        return new Outcome(Grade(own, item), Grade(await other, item), Parity(own, await other));
    }

    private async Task<Outcome> CompareLikelihoodsAsync(EvaluationCase item, CancellationToken cancellation)
    {
        var likely = Optional(() => stable?.LikelihoodAsync(item.Prompt, item.Expected!, cancellation));
        var other = Optional(() => stable?.AnswerAsync(arguments.Task, item.Prompt, arguments.MaxTokens, cancellation));
        var own = await canary.LikelihoodAsync(item.Prompt, item.Expected!, cancellation);
        var answer = stable is null ? null : await canary.AnswerAsync(arguments.Task, item.Prompt, arguments.MaxTokens, cancellation);
        return new Outcome(Weigh(own), Weigh(await likely), Parity(answer, await other));
    }

    private async Task<Outcome> CompareVectorsAsync(EvaluationCase item, CancellationToken cancellation)
    {
        var other = stable!.EmbeddingAsync(item.Prompt, cancellation);
        var own = await canary.EmbeddingAsync(item.Prompt, cancellation);
        var reference = await other ?? throw new EvaluationException("the stable revision did not answer a case, and Cosine compares with it");
        var cosine = own is null ? (double?)null : TextScores.Cosine(own, reference);
        return new Outcome(cosine is { } value ? new Grading(value, 1) : null, null, cosine);
    }

    private Grading? Grade(string? answer, EvaluationCase item) => answer is null ? null : new Grading(
        arguments.Metric switch
        {
            EvaluationMetric.F1 => TextScores.F1(answer, item.Expected!),
            EvaluationMetric.RougeL => TextScores.RougeL(answer, item.Expected!),
            _ => TextScores.ExactMatch(answer, item.Expected!),
        },
        1);

    private static Grading? Weigh(Likelihood? likelihood) => likelihood is null ? null : new Grading(likelihood.LogProbability, likelihood.Tokens);

    private static double? Parity(string? own, string? other) => other is null ? null : own == other ? 1 : 0;

    private double? Score(Outcome[] results, Func<Outcome, Grading?> side, bool optional = false)
    {
        var graded = results.Select(side).OfType<Grading>().ToList();
        if (optional && graded.Count < results.Length)
        {
            return null; // Half a comparison is none.
        }

        if (arguments.Metric == EvaluationMetric.Perplexity)
        {
            return graded.Count < results.Length ? WorstPerplexity : Math.Min(WorstPerplexity, Math.Exp(-graded.Sum(grading => grading.Value) / graded.Sum(grading => grading.Weight)));
        }

        return Math.Max(0, graded.Sum(grading => grading.Value) / results.Length);
    }

    /// <summary>The comparison is a courtesy: the stable revision's trouble does not keep the canary from being judged.</summary>
    private static async Task<T?> Optional<T>(Func<Task<T?>?> ask)
        where T : class
    {
        try
        {
            return ask() is { } asked ? await asked : null;
        }
        catch (EvaluationException)
        {
            return null;
        }
    }

    private sealed record Outcome(Grading? Canary, Grading? Stable, double? Parity);

    private sealed record Grading(double Value, int Weight);
}
