using System.Text.Json;
using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Inference.Weights;

/// <summary>
/// The stored tensors of a model directory (<c>model.safetensors</c>, or the shards of <c>model.safetensors.index.json</c>),
/// memory-mapped: every executor reads the same pages, nothing is copied.
/// </summary>
public sealed class WeightStore : IDisposable
{
    private const string SingleFile = "model.safetensors", IndexFile = "model.safetensors.index.json";

    private readonly List<MappedFile> _files = [];
    private readonly Dictionary<string, StoredTensor> _tensors = new(StringComparer.Ordinal);

    /// <summary>Tensors of element types that no weight has (integer buffers): present, not loadable.</summary>
    private readonly Dictionary<string, string> _foreign = new(StringComparer.Ordinal);

    private WeightStore()
    {
    }

    public IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    /// <summary>Names of all tensors in the files.</summary>
    public IReadOnlySet<string> Names => _tensors.Keys.Concat(_foreign.Keys).ToHashSet(StringComparer.Ordinal);

    /// <summary>Opens the directory's weights.</summary>
    /// <exception cref="ModelFormatException">A file is missing or not what it should be.</exception>
    public static WeightStore Open(string directory)
    {
        var store = new WeightStore();
        try
        {
            if (File.Exists(Path.Combine(directory, SingleFile)))
                store.Map(directory, SingleFile, expected: null);
            else if (File.Exists(Path.Combine(directory, IndexFile)))
                store.MapShards(directory);
            else
                throw new ModelFormatException(SingleFile, null, $"neither this file nor {IndexFile} is in the directory");
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>The tensor of a description.</summary>
    /// <exception cref="ModelFormatException">It is missing, has another shape, or a type that is no weight type.</exception>
    public StoredTensor Get(TensorDescription description)
    {
        if (!_tensors.TryGetValue(description.Name, out var tensor))
        {
            throw new ModelFormatException(SingleFile, description.Name, _foreign.TryGetValue(description.Name, out var type)
                ? $"element type {type} is not supported for weights; supported: F32, F16, BF16"
                : $"the tensor is missing, expected shape {Show(description.Shape)}");
        }

        return tensor.Shape.SequenceEqual(description.Shape)
            ? tensor
            : throw new ModelFormatException(tensor.File, description.Name, $"its shape is {Show(tensor.Shape)}, expected {Show(description.Shape)} by config.json");
    }

    public void Dispose()
    {
        foreach (var file in _files)
            file.Dispose();
        _files.Clear();
        _tensors.Clear();
    }

    private static string Show(IReadOnlyList<int> shape) => $"[{string.Join(", ", shape)}]";

    private void MapShards(string directory)
    {
        var root = ConfigReader.ReadRoot(directory, IndexFile);
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
            throw new ModelFormatException(IndexFile, "weight_map", "the field is missing or not an object");
        var shards = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var entry in map.EnumerateObject())
        {
            var shard = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : throw new ModelFormatException(IndexFile, entry.Name, "its file name is not a string");
            if (shard.Length == 0 || shard != Path.GetFileName(shard) || shard is "." or "..")
                throw new ModelFormatException(IndexFile, entry.Name, $"'{shard}' is not a file name in the model directory");
            if (!shards.TryGetValue(shard, out var names))
                shards[shard] = names = new HashSet<string>(StringComparer.Ordinal);
            names.Add(entry.Name);
        }

        foreach (var (shard, names) in shards)
        {
            if (!File.Exists(Path.Combine(directory, shard)))
                throw new ModelFormatException(IndexFile, "weight_map", $"the file {shard} is missing");
            Map(directory, shard, names);
        }
    }

    private unsafe void Map(string directory, string name, HashSet<string>? expected)
    {
        var path = Path.Combine(directory, name);
        if (FileLength.Of(path) < 8)
            throw new ModelFormatException(name, null, "the file is too short to be a safetensors file");
        var file = new MappedFile(path);
        _files.Add(file);
        var start = file.Start;
        var entries = SafetensorsHeader.Read(name, new ReadOnlySpan<byte>(start, 8), file.Length, length => new ReadOnlySpan<byte>(start + 8, length).ToArray());
        foreach (var entry in entries)
        {
            if (_tensors.ContainsKey(entry.Name) || _foreign.ContainsKey(entry.Name))
                throw new ModelFormatException(name, entry.Name, "the tensor is in two files");
            if (entry.Type is { } type)
                _tensors[entry.Name] = new StoredTensor(entry.Name, name, type, entry.Shape, start + entry.Begin, entry.End - entry.Begin);
            else
                _foreign[entry.Name] = entry.TypeName;
        }

        if (expected?.FirstOrDefault(n => !_tensors.ContainsKey(n) && !_foreign.ContainsKey(n)) is { } missing)
            throw new ModelFormatException(name, missing, $"{IndexFile} places the tensor in this file, but it is not there");
    }
}
