namespace AttentionOperator.Gateway.Batches;

/// <summary>Files of batches in a directory: the content, and beside it what is known of it.</summary>
internal sealed class FileStore(BatchOptions options, TimeProvider time)
{
    private string Root => Directory.CreateDirectory(Path.Combine(options.Directory!, "files")).FullName;

    public string NewPath() => Path.Combine(Root, $"{Guid.NewGuid():N}.part");

    public string ContentPath(string id) => Path.Combine(Root, id + ".data");

    /// <summary>Whether so many bytes more are within the bound of all files.</summary>
    public bool HasRoom(long bytes) => new DirectoryInfo(Root).EnumerateFiles().Sum(f => f.Length) + bytes <= options.MaxTotalBytes;

    /// <summary>Takes a finished file in.</summary>
    public StoredFile Add(string path, string filename, string purpose, BatchOwner owner)
    {
        var now = time.GetUtcNow();
        var file = new StoredFile(BatchIds.New("file-"), new FileInfo(path).Length, now.ToUnixTimeSeconds(), (now + options.Retention).ToUnixTimeSeconds(), filename, purpose, owner);
        File.Move(path, ContentPath(file.Id));
        BatchJson.Write(MetadataPath(file.Id), file);
        return file;
    }

    public StoredFile? Find(string id, BatchOwner owner) => BatchIds.Is(id, "file-") && BatchJson.Read<StoredFile>(MetadataPath(id)) is { } file && file.Owner.Owns(owner) ? file : null;

    public IEnumerable<StoredFile> All() => Directory.EnumerateFiles(Root, "*.json").Select(BatchJson.Read<StoredFile>).OfType<StoredFile>();

    public void Delete(StoredFile file)
    {
        File.Delete(MetadataPath(file.Id));
        File.Delete(ContentPath(file.Id));
    }

    /// <summary>Deletes what is kept no longer, and what uploads left behind that broke off.</summary>
    public void Sweep()
    {
        var now = time.GetUtcNow();
        foreach (var file in All().Where(f => f.ExpiresAt <= now.ToUnixTimeSeconds()).ToList()) Delete(file);
        foreach (var part in new DirectoryInfo(Root).EnumerateFiles("*.part").Where(f => now - f.LastWriteTimeUtc > TimeSpan.FromDays(1)).ToList()) part.Delete();
    }

    private string MetadataPath(string id) => Path.Combine(Root, id + ".json");
}
