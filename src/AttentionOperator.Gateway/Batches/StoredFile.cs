namespace AttentionOperator.Gateway.Batches;

/// <summary>What is known of an uploaded or written file. Times are Unix seconds.</summary>
internal sealed record StoredFile(string Id, long Bytes, long CreatedAt, long ExpiresAt, string Filename, string Purpose, BatchOwner Owner)
{
    /// <summary>As callers see it.</summary>
    public object ToAnswer() => new { id = Id, @object = "file", bytes = Bytes, created_at = CreatedAt, expires_at = ExpiresAt, filename = Filename, purpose = Purpose, status = "processed" };
}
