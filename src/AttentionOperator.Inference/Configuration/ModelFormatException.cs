namespace AttentionOperator.Inference.Configuration;

/// <summary>A model directory that cannot be loaded faithfully: names the file and, where there is one, the field or tensor.</summary>
public sealed class ModelFormatException : Exception
{
    public ModelFormatException(string file, string? field, string problem, Exception? cause = null)
        : base(field is null ? $"{file}: {problem}" : $"{file}: {field}: {problem}", cause)
    {
        File = file;
        Field = field;
    }

    /// <summary>File name within the model directory.</summary>
    public string File { get; }

    /// <summary>Field of a JSON file or name of a tensor; null where the file as a whole is at fault.</summary>
    public string? Field { get; }
}
