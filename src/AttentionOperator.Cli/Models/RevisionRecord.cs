using System.Text.Json;

namespace AttentionOperator.Cli.Models;

/// <summary>One revision of a model's history.</summary>
/// <param name="Hash">Revision hash.</param>
/// <param name="Number">Greater is newer.</param>
/// <param name="Created">When it was first rolled out.</param>
/// <param name="Data">What it runs.</param>
internal sealed record RevisionRecord(string Hash, long Number, DateTime? Created, JsonElement Data);
