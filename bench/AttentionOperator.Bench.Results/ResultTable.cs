namespace AttentionOperator.Bench.Results;

/// <summary>Figures that only say something beside each other.</summary>
/// <param name="Columns">Names, with units.</param>
/// <param name="Rows">One cell per column; null where there is no figure.</param>
public sealed record ResultTable(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<object?>> Rows);
