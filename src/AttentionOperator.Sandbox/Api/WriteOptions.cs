namespace AttentionOperator.Sandbox.Api;

/// <summary>Options of a write request.</summary>
public sealed record WriteOptions
{
    public static WriteOptions Default { get; } = new();

    public RequestUser User { get; init; } = RequestUser.Administrator;

    /// <summary>Name in managedFields; the beginning of the user agent where the request names none.</summary>
    public string FieldManager { get; init; } = "unknown";

    /// <summary>True when the request itself named its field manager.</summary>
    public bool FieldManagerGiven { get; init; }

    public bool DryRun { get; init; }

    /// <summary>Apply patches only: take over fields of other managers.</summary>
    public bool Force { get; init; }

    public FieldValidation FieldValidation { get; init; } = FieldValidation.Warn;

    /// <summary>Receives warnings, which travel as HTTP Warning headers.</summary>
    public ICollection<string> Warnings { get; init; } = new List<string>();
}
