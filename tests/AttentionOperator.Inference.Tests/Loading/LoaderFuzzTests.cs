using AttentionOperator.Inference.Configuration;

namespace AttentionOperator.Inference.Tests.Loading;

/// <summary>Damaged directories: a clear error or a loadable model, never another exception, a hang or an access outside the file.</summary>
public sealed class LoaderFuzzTests
{
    [Theory]
    [InlineData("llama-untied", 1)]
    [InlineData("gemma3", 2)]
    [InlineData("bert-seqcls", 3)]
    [InlineData("t5", 4)]
    [InlineData("qwen3-sharded", 5)]
    public void Flipped_bits_in_text_files_and_headers(string fixture, int seed)
    {
        using var model = TemporaryModel.CopyOf(fixture);
        var random = new Random(seed);
        var refused = 0;
        foreach (var file in Directory.GetFiles(model.Path).Where(f => f.EndsWith("config.json", StringComparison.Ordinal) || f.Contains("safetensors", StringComparison.Ordinal)))
        {
            var whole = File.ReadAllBytes(file);
            var text = file.EndsWith(".safetensors", StringComparison.Ordinal) ? 8 + (int)BitConverter.ToInt64(whole) : whole.Length;
            for (var i = 0; i < 40; i++)
            {
                var damaged = (byte[])whole.Clone();
                for (var flips = random.Next(1, 4); flips > 0; flips--)
                    damaged[random.Next(text)] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(file, damaged);
                refused += Loads(model) ? 0 : 1;
            }

            File.WriteAllBytes(file, whole);
        }

        Assert.True(refused > 0);
        Assert.True(Loads(model));
    }

    [Theory]
    [InlineData("llama-tied", 11)]
    [InlineData("bart", 12)]
    public void Truncated_files(string fixture, int seed)
    {
        using var model = TemporaryModel.CopyOf(fixture);
        var random = new Random(seed);
        foreach (var file in new[] { model.ConfigFile, model.WeightsFile })
        {
            var whole = File.ReadAllBytes(file);
            for (var i = 0; i < 30; i++)
            {
                File.WriteAllBytes(file, whole[..random.Next(whole.Length)]);
                Assert.False(Loads(model));
            }

            File.WriteAllBytes(file, whole);
        }
    }

    [Theory]
    [InlineData("gpt2", 21)]
    [InlineData("modernbert", 22)]
    [InlineData("phi3", 23)]
    public void Wild_values_in_the_configuration(string fixture, int seed)
    {
        using var model = TemporaryModel.CopyOf(fixture);
        var random = new Random(seed);
        object?[] values = [null, true, -1, 0, 1, 3, 65_536, int.MaxValue, long.MaxValue, 1e300, -0.5, "", "x", new int[] { 1 }, new { a = 1 }];
        var names = model.ReadConfig().Select(p => p.Key).ToArray();
        for (var i = 0; i < 150; i++)
        {
            var config = model.ReadConfig();
            for (var edits = random.Next(1, 3); edits > 0; edits--)
                config[names[random.Next(names.Length)]] = System.Text.Json.JsonSerializer.SerializeToNode(values[random.Next(values.Length)]);
            var original = File.ReadAllBytes(model.ConfigFile);
            model.WriteConfig(config);
            Loads(model);
            File.WriteAllBytes(model.ConfigFile, original);
        }

        Assert.True(Loads(model));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", "overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,17]}}""", "leave")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[8,4]}}""", "leave")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[-4,12]}}""", "not a count")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647,4],"data_offsets":[0,16]}}""", "do not hold")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,16]}}""", "do not hold")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,16]}}""", "not a count")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}""", "rank")]
    [InlineData("""{"a":{"dtype":7,"shape":[4],"data_offsets":[0,16]}}""", "not an object with")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", "not valid JSON")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", "not valid JSON")]
    [InlineData("""[1]""", "not an object")]
    [InlineData("""{"a":""", "not valid JSON")]
    public void Hostile_headers_are_refused(string header, string problem)
    {
        using var model = TemporaryModel.CopyOf("llama-untied");
        model.WriteHeader(header, dataBytes: 16);
        Assert.Contains(problem, Assert.Throws<ModelFormatException>(() => ModelLoader.Load(model.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 40)]
    [InlineData(99_999_999UL)]
    public void A_header_longer_than_the_file_is_refused(ulong length)
    {
        using var model = TemporaryModel.CopyOf("llama-untied");
        File.WriteAllBytes(model.WeightsFile, [.. BitConverter.GetBytes(length), .. "{}"u8]);
        Assert.Contains("does not fit", Assert.Throws<ModelFormatException>(() => ModelLoader.Load(model.Path)).Message, StringComparison.Ordinal);
    }

    private static bool Loads(TemporaryModel model)
    {
        try
        {
            ModelLoader.Load(model.Path).Dispose();
            return true;
        }
        catch (ModelFormatException error)
        {
            Assert.False(string.IsNullOrEmpty(error.File));
            return false;
        }
    }
}
