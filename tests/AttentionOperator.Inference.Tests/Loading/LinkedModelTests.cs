using AttentionOperator.Inference.Execution;

namespace AttentionOperator.Inference.Tests.Loading;

/// <summary>Models whose files are links, as snapshots of a cache are.</summary>
public sealed class LinkedModelTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("linked-model-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_model_of_links_is_the_model()
    {
        var files = GoldenDirectory.Of("llama-untied");
        foreach (var file in Directory.GetFiles(files)) File.CreateSymbolicLink(Path.Combine(_directory, Path.GetFileName(file)), file);
        using var linked = ModelLoader.Load(_directory);
        using var plain = ModelLoader.Load(files);
        Assert.Equal(plain.Weights.Tensors.Values.Sum(t => t.ByteLength), linked.Weights.Tensors.Values.Sum(t => t.ByteLength));
        Assert.Equal(plain.Plan().WeightBytes, linked.Plan().WeightBytes);
    }
}
