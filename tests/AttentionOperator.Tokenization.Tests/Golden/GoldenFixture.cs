using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace AttentionOperator.Tokenization.Tests.Golden;

/// <summary>A folder of testassets/golden with its loaded tokenizer.</summary>
internal sealed class GoldenFixture
{
    private static readonly ConcurrentDictionary<string, Lazy<GoldenFixture>> Cache = new();

    private GoldenFixture(string name)
    {
        Directory = Path.Combine(Root, name);
        Golden = JsonNode.Parse(File.ReadAllBytes(Path.Combine(Directory, "golden.json")))!.AsObject();
        Loaded = TokenizerLoader.Load(Directory);
    }

    public static string Root { get; } = FindRoot();

    public string Directory { get; }

    public JsonObject Golden { get; }

    public LoadedTokenizer Loaded { get; }

    public ITokenizer Tokenizer => Loaded.Tokenizer;

    public JsonArray Cases => Golden["tokenizer"]!["cases"]!.AsArray();

    public static GoldenFixture Get(string name) => Cache.GetOrAdd(name, n => new Lazy<GoldenFixture>(() => new GoldenFixture(n))).Value;

    /// <summary>Folders with a tokenizer.</summary>
    public static TheoryData<string> All() => [.. Names(_ => true)];

    public static TheoryData<string> WithPairs() => [.. Names(g => g["tokenizer"]!["pairs"] is not null)];

    public static TheoryData<string> WithChat() => [.. Names(g => g["chat"] is not null)];

    public static int[] Integers(JsonNode? node) => [.. node!.AsArray().Select(n => n!.GetValue<int>())];

    private static IEnumerable<string> Names(Func<JsonObject, bool> wanted) => System.IO.Directory.GetDirectories(Root)
        .Where(d => File.Exists(Path.Combine(d, "tokenizer.json")))
        .Where(d => wanted(JsonNode.Parse(File.ReadAllBytes(Path.Combine(d, "golden.json")))!.AsObject()))
        .Select(d => Path.GetFileName(d)!)
        .Order(StringComparer.Ordinal);

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var candidate = Path.Combine(directory.FullName, "testassets", "golden");
            if (System.IO.Directory.Exists(candidate))
                return candidate;
        }
        throw new DirectoryNotFoundException("testassets/golden is not above " + AppContext.BaseDirectory);
    }
}
