namespace AttentionOperator.Gateway.Batches;

/// <summary>Batches in a directory. Who runs one holds its lock; a process that dies lets it go.</summary>
internal sealed class BatchStore(BatchOptions options)
{
    private string Root => Directory.CreateDirectory(Path.Combine(options.Directory!, "batches")).FullName;

    public Batch? Find(string id) => BatchIds.Is(id, "batch_") ? BatchJson.Read<Batch>(PathOf(id)) : null;

    public Batch? Find(string id, BatchOwner owner) => Find(id) is { } batch && batch.Owner.Owns(owner) ? batch : null;

    public IEnumerable<Batch> All() => Directory.EnumerateFiles(Root, "batch_*.json").Select(BatchJson.Read<Batch>).OfType<Batch>();

    public void Write(Batch batch) => BatchJson.Write(PathOf(batch.Id), batch);

    /// <summary>The wish is a file of its own, so that whoever runs the batch and whoever cancels it never write the same one.</summary>
    public void AskCancel(string id) => File.WriteAllBytes(Path.Combine(Root, id + ".cancel"), []);

    public bool IsCancelAsked(string id) => File.Exists(Path.Combine(Root, id + ".cancel"));

    /// <summary>Answers so far.</summary>
    public string OutputPath(string id) => Path.Combine(Root, id + ".output.jsonl");

    public string ErrorPath(string id) => Path.Combine(Root, id + ".errors.jsonl");

    /// <summary>The right to run a batch, until disposed; null where another process has it.</summary>
    public IDisposable? TryLock(string id)
    {
        try
        {
            return new FileStream(Path.Combine(Root, id + ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Delete(string id)
    {
        foreach (var file in Directory.EnumerateFiles(Root, id + ".*")) File.Delete(file);
    }

    private string PathOf(string id) => Path.Combine(Root, id + ".json");
}
