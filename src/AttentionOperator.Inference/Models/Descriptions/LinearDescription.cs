namespace AttentionOperator.Inference.Models.Descriptions;

/// <summary>y = W x + b, where W's rows are all or some of the rows of a stored matrix.</summary>
public sealed record LinearDescription
{
    /// <summary>Stored matrix: [rows, <see cref="InputSize"/>], or [<see cref="InputSize"/>, rows] where <see cref="InputMajor"/>.</summary>
    public required TensorDescription Weight { get; init; }

    /// <summary>[rows] of the stored matrix; null = none.</summary>
    public TensorDescription? Bias { get; init; }

    public required int InputSize { get; init; }

    /// <summary>The matrix is stored transposed (GPT-2's Conv1D).</summary>
    public bool InputMajor { get; init; }

    /// <summary>Rows of the stored matrix that belong to this projection.</summary>
    public required RowSelection Rows { get; init; }

    public int OutputSize => Rows.Count;

    public int StoredRows => InputMajor ? Weight.Shape[1] : Weight.Shape[0];
}
