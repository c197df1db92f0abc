using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;

namespace AttentionOperator.Inference.Tests.Loading;

/// <summary>A model directory that a test may damage; deleted at the end.</summary>
internal sealed class TemporaryModel : IDisposable
{
    private TemporaryModel()
    {
        Path = Directory.CreateTempSubdirectory("model-").FullName;
    }

    public string Path { get; }

    public string WeightsFile => System.IO.Path.Combine(Path, "model.safetensors");

    public string ConfigFile => System.IO.Path.Combine(Path, "config.json");

    /// <summary>A copy of a fixture's files, without its golden values.</summary>
    public static TemporaryModel CopyOf(string fixture)
    {
        var model = new TemporaryModel();
        foreach (var file in Directory.EnumerateFiles(GoldenDirectory.Of(fixture)))
            if (System.IO.Path.GetFileName(file) != "golden.json")
                File.Copy(file, System.IO.Path.Combine(model.Path, System.IO.Path.GetFileName(file)));
        return model;
    }

    /// <summary>A model with random float32 weights for every tensor that its configuration needs.</summary>
    public static TemporaryModel Random(string config, int seed)
    {
        var model = new TemporaryModel();
        File.WriteAllText(model.ConfigFile, config);
        var description = Inference.Models.Architectures.DescribeModel(Inference.Configuration.ConfigReader.Open(model.Path, "config.json"), Inference.Models.Blocks.TensorNames.Usual);
        var random = new Random(seed);
        WriteSafetensors(model.WeightsFile, Inference.Models.Descriptions.DescriptionTensors.Of(description).Select(t => (
            t.Name,
            t.Shape.ToArray(),
            Enumerable.Range(0, (int)t.ElementCount).Select(_ => (float)((random.NextDouble() - 0.5) * 0.2 + (t.Shape.Count == 1 ? 1 : 0))).ToArray())));
        return model;
    }

    public JsonObject ReadConfig() => JsonNode.Parse(File.ReadAllText(ConfigFile))!.AsObject();

    public void WriteConfig(JsonObject config) => File.WriteAllText(ConfigFile, config.ToJsonString());

    /// <summary>Changes the header's JSON; the data stays where it is.</summary>
    public void EditHeader(Action<JsonObject> edit)
    {
        var bytes = File.ReadAllBytes(WeightsFile);
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        var header = JsonNode.Parse(Encoding.UTF8.GetString(bytes, 8, length))!.AsObject();
        edit(header);
        WriteFile(WeightsFile, header.ToJsonString(), bytes.AsSpan(8 + length));
    }

    public void WriteHeader(string header, int dataBytes = 0) => WriteFile(WeightsFile, header, new byte[dataBytes]);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static void WriteSafetensors(string path, IEnumerable<(string Name, int[] Shape, float[] Values)> tensors)
    {
        var header = new JsonObject();
        using var data = new MemoryStream();
        foreach (var (name, shape, values) in tensors)
        {
            var begin = data.Position;
            data.Write(MemoryMarshal.AsBytes(values.AsSpan()));
            header[name] = new JsonObject
            {
                ["dtype"] = "F32",
                ["shape"] = new JsonArray([.. shape.Select(s => (JsonNode)s)]),
                ["data_offsets"] = new JsonArray(begin, data.Position),
            };
        }

        WriteFile(path, header.ToJsonString(), data.ToArray());
    }

    private static void WriteFile(string path, string header, ReadOnlySpan<byte> data)
    {
        // Padded as published files are, so that the data is aligned.
        var json = Encoding.UTF8.GetBytes(header.PadRight((Encoding.UTF8.GetByteCount(header) + 7) / 8 * 8));
        using var file = File.Create(path);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)json.Length);
        file.Write(length);
        file.Write(json);
        file.Write(data);
    }
}
