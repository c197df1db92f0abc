using System.Net;
using System.Text;
using System.Text.Json;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Runtime.Http;
using AttentionOperator.Runtime.Serving;
using AttentionOperator.Runtime.Tests.Fakes;

namespace AttentionOperator.Runtime.Tests;

/// <summary>A server on real sockets with a scripted engine behind it.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    public const string InternalToken = "internal-secret";

    private TestServer(RuntimeServer server, Uri address)
    {
        Server = server;
        Address = address;
        Client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
    }

    public RuntimeServer Server { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public ByteTokenizer Tokenizer { get; private init; } = new();

    public static RuntimeConfiguration Configuration(ModelTask task = ModelTask.Generate) =>
        new() { Model = "tiny", Namespace = "team", Revision = "abc123", Task = task };

    /// <summary>A generating model whose answers are a function of the request.</summary>
    public static async Task<(TestServer Server, ScriptedEngine Engine)> GenerateAsync(
        Func<GenerationRequest, string> answer, Func<RuntimeConfiguration, RuntimeConfiguration>? configure = null, int positions = 1000, IChatTemplate? template = null, int? maxInput = null, int? maxOutput = null, RuntimeOptions? options = null)
    {
        var tokenizer = new ByteTokenizer();
        var engine = new ScriptedEngine(tokenizer, answer);
        var configuration = Configuration();
        configuration = configure?.Invoke(configuration) ?? configuration;
        var model = new ServedModel
        {
            Configuration = configuration,
            Tokenizer = tokenizer,
            ChatTemplate = template ?? new PlainTemplate(),
            Generation = engine,
            MaxPositions = positions,
            MaxInputTokens = maxInput ?? positions - 1,
            MaxOutputTokens = maxOutput,
            EndTokenIds = [ByteTokenizer.End],
            LoadedAt = DateTimeOffset.UnixEpoch.AddDays(1),
        };
        return (await OpenAsync(model, tokenizer, options), engine);
    }

    public static async Task<(TestServer Server, HashEncoder Engine)> EncodeAsync(
        ModelTask task, int width = 16, Func<EncoderRequest, float[]>? vector = null, Func<RuntimeConfiguration, RuntimeConfiguration>? configure = null, int maxInput = 512, IReadOnlyList<string>? labels = null)
    {
        var tokenizer = new ByteTokenizer();
        var engine = new HashEncoder(width, vector);
        var configuration = Configuration(task);
        configuration = configure?.Invoke(configuration) ?? configuration;
        var model = new ServedModel
        {
            Configuration = configuration,
            Tokenizer = tokenizer,
            Encoder = engine,
            MaxPositions = maxInput,
            MaxInputTokens = maxInput,
            EmbeddingDimensions = width,
            Labels = labels ?? [],
        };
        return (await OpenAsync(model, tokenizer, null), engine);
    }

    public static async Task<TestServer> OpenAsync(ServedModel model, ByteTokenizer? tokenizer = null, RuntimeOptions? options = null)
    {
        var server = await StartingAsync(model.Configuration, tokenizer, options);
        server.Server.Open(model);
        return server;
    }

    /// <summary>A server that listens, without a model.</summary>
    public static async Task<TestServer> StartingAsync(RuntimeConfiguration configuration, ByteTokenizer? tokenizer = null, RuntimeOptions? options = null)
    {
        var server = RuntimeServer.Create(configuration, new IPEndPoint(IPAddress.Loopback, 0), options ?? new RuntimeOptions { InternalToken = InternalToken }, TimeProvider.System);
        var address = await server.StartAsync();
        return new TestServer(server, address) { Tokenizer = tokenizer ?? new ByteTokenizer() };
    }

    public async Task<(HttpStatusCode Status, JsonElement Body, HttpResponseMessage Response)> PostAsync(string path, string json, params (string Name, string Value)[] headers)
    {
        using var request = Request(path, json, headers);
        var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        using var document = JsonDocument.Parse(text.Length == 0 ? "null" : text);
        return (response.StatusCode, document.RootElement.Clone(), response);
    }

    /// <summary>The data lines of an event stream.</summary>
    public async Task<List<string>> StreamAsync(string path, string json, params (string Name, string Value)[] headers)
    {
        using var request = Request(path, json, headers);
        using var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var lines = new List<string>();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal)) lines.Add(line[6..]);
        }

        return lines;
    }

    public static HttpRequestMessage Request(string path, string json, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        return request;
    }

    public async Task<string> MetricsAsync() => await Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
    }
}
