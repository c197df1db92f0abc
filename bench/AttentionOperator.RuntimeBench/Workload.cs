using System.Text;
using System.Text.Json.Nodes;

namespace AttentionOperator.RuntimeBench;

/// <summary>The kinds of requests of the mixed load.</summary>
internal enum RequestKind
{
    /// <summary>A short chat that streams; interactive.</summary>
    Chat,

    /// <summary>A long document and a short answer; batch.</summary>
    Document,

    /// <summary>Four passages to embed; standard.</summary>
    Embedding,
}

/// <summary>One request to send.</summary>
internal sealed record WorkItem(RequestKind Kind, string Path, string Body, string Priority, bool Streams);

/// <summary>Makes requests, every one different, so that the prefix cache does not answer them.</summary>
internal sealed class Workload(int seed)
{
    public const string Model = "bench";
    private const int ChatWords = 30;
    private const int ChatTokens = 32;
    private const int DocumentWords = 1100;
    private const int DocumentTokens = 16;
    private const int Passages = 4;
    private const int PassageWords = 60;
    private static readonly string[] Words = "the of and to a in that was he it his with as had for her not be she but at on is by which have from him they you were my this all or so no an one we said what would there when more if been some".Split(' ');
    private readonly Random random = new(seed);
    private readonly Lock gate = new();

    public WorkItem Next(RequestKind kind)
    {
        lock (gate)
        {
            return kind switch
            {
                RequestKind.Chat => new WorkItem(kind, "/v1/chat/completions", Chat(), "interactive", true),
                RequestKind.Document => new WorkItem(kind, "/v1/completions", Document(), "batch", false),
                _ => new WorkItem(kind, "/v1/embeddings", Embedding(), "standard", false),
            };
        }
    }

    /// <summary>A stream of so many tokens.</summary>
    public WorkItem Stream(int tokens)
    {
        lock (gate)
        {
            return new WorkItem(
                RequestKind.Chat, "/v1/completions",
                new JsonObject { ["model"] = Model, ["prompt"] = Text(ChatWords), ["max_tokens"] = tokens, ["ignore_eos"] = true, ["stream"] = true }.ToJsonString(), "interactive", true);
        }
    }

    private string Chat() => new JsonObject
    {
        ["model"] = Model,
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = Text(ChatWords) }),
        ["max_tokens"] = ChatTokens,
        ["ignore_eos"] = true,
        ["stream"] = true,
    }.ToJsonString();

    private string Document() => new JsonObject { ["model"] = Model, ["prompt"] = Text(random.Next(DocumentWords / 2, DocumentWords)), ["max_tokens"] = DocumentTokens, ["ignore_eos"] = true }.ToJsonString();

    private string Embedding() => new JsonObject { ["model"] = Model, ["input"] = new JsonArray([.. Enumerable.Range(0, Passages).Select(_ => (JsonNode)Text(PassageWords))]) }.ToJsonString();

    private string Text(int words)
    {
        var text = new StringBuilder();
        for (var i = 0; i < words; i++) text.Append(i == 0 ? "" : " ").Append(Words[random.Next(Words.Length)]);
        return text.ToString();
    }
}
