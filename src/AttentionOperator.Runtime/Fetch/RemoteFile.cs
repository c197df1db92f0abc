namespace AttentionOperator.Runtime.Fetch;

/// <summary>A file of an artifact where it comes from.</summary>
/// <param name="Path">Path within the artifact, with <c>/</c>.</param>
/// <param name="Size">Bytes; null = unknown until it is read.</param>
/// <param name="Sha256">Expected digest in lower-case hex; null = the source names none.</param>
/// <param name="Version">Changes when the content does (ETag, commit, time); part of the resume key.</param>
internal sealed record RemoteFile(string Path, long? Size, string? Sha256, string Version);
