using Microsoft.Win32.SafeHandles;

namespace AttentionOperator.Runtime.Fetch;

/// <summary>A file that is being downloaded in parts, with a record beside it of the parts that are there, so that another process can go on.</summary>
internal sealed class PartialFile : IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly SafeFileHandle _record;
    private readonly byte[] _done;

    private PartialFile(string path, long size, long partBytes)
    {
        _path = path;
        PartBytes = partBytes;
        Size = size;
        _done = new byte[(int)((size + partBytes - 1) / partBytes)];
        _record = File.OpenHandle(path + ".parts", FileMode.OpenOrCreate, FileAccess.ReadWrite);
        _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, FileOptions.Asynchronous);
        if (RandomAccess.GetLength(_file) == size && RandomAccess.GetLength(_record) == _done.Length)
        {
            RandomAccess.Read(_record, _done, 0);
        }
        else
        {
            RandomAccess.SetLength(_record, 0);
            RandomAccess.SetLength(_file, size);
            RandomAccess.Write(_record, _done, 0);
        }
    }

    public long Size { get; }

    public long PartBytes { get; }

    public int Parts => _done.Length;

    public long DoneBytes => Enumerable.Range(0, Parts).Where(IsDone).Sum(i => RangeOf(i).Length);

    public static PartialFile Open(string path, long size, long partBytes) => new(path, size, partBytes);

    public bool IsDone(int part) => _done[part] == 1;

    public (long Offset, long Length) RangeOf(int part) => (part * PartBytes, Math.Min(PartBytes, Size - (part * PartBytes)));

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, long offset, CancellationToken cancellationToken) => RandomAccess.WriteAsync(_file, bytes, offset, cancellationToken);

    public void MarkDone(int part)
    {
        // The bytes are on the disk before the record says so.
        RandomAccess.FlushToDisk(_file);
        _done[part] = 1;
        RandomAccess.Write(_record, [(byte)1], part);
    }

    public void Delete()
    {
        Dispose();
        File.Delete(_path);
        File.Delete(_path + ".parts");
    }

    public void Dispose()
    {
        _file.Dispose();
        _record.Dispose();
    }
}
