using System.IO.MemoryMappedFiles;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Inference.Weights;

/// <summary>A whole file mapped read-only. A file that shrinks while it is mapped takes the process with it, as with every mapping: models are immutable.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public MappedFile(string path)
    {
        Length = FileLength.Of(path);
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, capacity: 0, MemoryMappedFileAccess.Read);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        Start = start + _view.PointerOffset;
    }

    public byte* Start { get; }

    public long Length { get; }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
