using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using static AttentionOperator.Sandbox.Tests.Api.ApiTestServer;

namespace AttentionOperator.Sandbox.Tests.Api;

public sealed class BodyTests : IAsyncLifetime
{
    private const string Protobuf = "application/vnd.kubernetes.protobuf";
    private ApiTestServer _api = null!;

    public async ValueTask InitializeAsync() => _api = await ApiTestServer.StartAsync();

    public async ValueTask DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Yaml_is_read_as_json_is()
    {
        var (code, created) = await PostAsync(ConfigMaps, Encoding.UTF8.GetBytes("""
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: y, labels: {"n": "1"}}
            data:
              text: |
                two
                lines
              quoted: "true"
            """), "application/yaml");
        Assert.True(code == 201, created?.ToJsonString());
        Assert.Equal(("two\nlines\n", "true"), (Text(created, "data", "text").TrimEnd('\n') + "\n", Text(created, "data", "quoted")));
    }

    [Fact]
    public async Task Protobuf_is_read_as_json_is()
    {
        // A Service: metadata.name, two ports with a number and a name as targets, a selector.
        byte[] service = [
            .. Message(1, Message(1, "p"u8)),
            .. Message(2, [
                .. Message(1, [.. Message(1, "http"u8), .. Message(2, "TCP"u8), .. Number(3, 80), .. Message(4, [.. Number(1, 0), .. Number(2, 8080), .. Message(3, ""u8)])]),
                .. Message(1, [.. Message(1, "named"u8), .. Number(3, 300), .. Message(4, [.. Number(1, 1), .. Number(2, 0), .. Message(3, "web"u8)])]),
                .. Message(2, [.. Message(1, "app"u8), .. Message(2, "x"u8)])])];
        byte[] envelope = [.. "k8s\0"u8, .. Message(1, [.. Message(1, "v1"u8), .. Message(2, "Service"u8)]), .. Message(2, service)];

        var (code, created) = await PostAsync("/api/v1/namespaces/default/services", envelope, Protobuf);

        Assert.True(code == 201, created?.ToJsonString());
        Assert.Equal("p", Text(created, "metadata", "name"));
        Assert.Equal("x", Text(created, "spec", "selector", "app"));
        Assert.Equal(["http/80/8080", "named/300/web"], created!["spec"]!["ports"]!.AsArray().Select(p => $"{Text(p, "name")}/{Text(p, "port")}/{Text(p, "targetPort")}"));
    }

    [Fact]
    public async Task Garbage_is_the_clients_error()
    {
        byte[] valid = [.. "k8s\0"u8, .. Message(1, [.. Message(1, "v1"u8), .. Message(2, "ConfigMap"u8)]), .. Message(2, [.. Message(1, Message(1, "g"u8)), .. Message(2, [.. Message(1, "k"u8), .. Message(2, "v"u8)])])];
        await Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Byte, Gen.Bool).SampleAsync(async (at, value, cut) =>
        {
            var bytes = cut ? valid[..at] : (byte[])valid.Clone();
            if (!cut) bytes[at] = value;
            var (code, status) = await PostAsync($"{ConfigMaps}?dryRun=All", bytes, Protobuf);
            Assert.True(code is 201 or (>= 400 and < 500), $"{code}: {status?.ToJsonString()}");
        }, iter: 300, threads: 1);
    }

    [Theory]
    [InlineData("", "application/json", 400)]
    [InlineData("{", "application/json", 400)]
    [InlineData("[]", "application/json", 400)]
    [InlineData("{} {}", "application/json", 400)]
    [InlineData("a: [", "application/yaml", 400)]
    [InlineData("a: {b: 1", "application/yaml", 400)]
    [InlineData("{}", "text/plain", 415)]
    [InlineData("{}", "application/json", 422)]
    [InlineData("""{"metadata":5}""", "application/json", 400)]
    [InlineData("""{"metadata":{"name":"a"},"data":{"k":1}}""", "application/json", 400)]
    [InlineData("""{"metadata":{"name":"UPPER"}}""", "application/json", 422)]
    [InlineData("""{"kind":"Secret","metadata":{"name":"a"}}""", "application/json", 400)]
    [InlineData("""{"apiVersion":"v2","metadata":{"name":"a"}}""", "application/json", 400)]
    [InlineData("""{"metadata":{"name":"a","namespace":"other"}}""", "application/json", 400)]
    public async Task A_wrong_body_is_refused(string body, string type, int expected)
    {
        var (code, status) = await PostAsync(ConfigMaps, Encoding.UTF8.GetBytes(body), type);
        Assert.True(code == expected, $"{code}: {status?.ToJsonString()}");
        Assert.Equal("Status", Text(status, "kind"));
    }

    [Fact]
    public async Task A_body_over_the_limit_is_too_large()
    {
        var (code, status) = await PostAsync(ConfigMaps, Encoding.UTF8.GetBytes(ConfigMap("big", new string('x', 3_200_000)).ToJsonString()), "application/json");
        Assert.Equal((413, "RequestEntityTooLarge"), (code, Text(status, "reason")));
    }

    [Fact]
    public async Task Nesting_without_end_is_refused()
    {
        var (code, _) = await PostAsync(ConfigMaps, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 5000)) + "1" + new string('}', 5000)), "application/json");
        Assert.Equal(400, code);
    }

    [Fact]
    public async Task Unknown_and_repeated_fields_are_ignored_warned_about_or_refused()
    {
        var bytes = """{"metadata":{"name":"w"},"data":{"a":"1","a":"2"},"unknown":1}"""u8.ToArray();
        using (var warned = await _api.Client.PostAsync(new Uri($"{ConfigMaps}?dryRun=All", UriKind.Relative), Content(bytes, "application/json")))
        {
            Assert.Equal(201, (int)warned.StatusCode);
            Assert.Equal(["299 - \"unknown field \\\"unknown\\\"\"", "299 - \"duplicate field \\\"data.a\\\"\""], warned.Headers.GetValues("Warning"));
        }

        using (var ignored = await _api.Client.PostAsync(new Uri($"{ConfigMaps}?dryRun=All&fieldValidation=Ignore", UriKind.Relative), Content(bytes, "application/json"))) Assert.False(ignored.Headers.Contains("Warning"));
        var (code, status) = await PostAsync($"{ConfigMaps}?fieldValidation=Strict", bytes, "application/json");
        Assert.Equal(400, code);
        Assert.Contains("strict decoding error: unknown field \"unknown\", duplicate field \"data.a\"", Text(status, "message"), StringComparison.Ordinal);
    }

    private async Task<(int Code, JsonNode? Body)> PostAsync(string path, byte[] bytes, string type)
    {
        using var response = await _api.Client.PostAsync(new Uri(path, UriKind.Relative), Content(bytes, type));
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    private static ByteArrayContent Content(byte[] bytes, string type) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };

    private static byte[] Message(int field, ReadOnlySpan<byte> bytes) => [(byte)((field << 3) | 2), .. Varint(bytes.Length), .. bytes];

    private static byte[] Number(int field, int value) => [(byte)(field << 3), .. Varint(value)];

    private static byte[] Varint(int value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
