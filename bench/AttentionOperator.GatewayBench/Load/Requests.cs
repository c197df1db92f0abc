using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AttentionOperator.GatewayBench.Load;

/// <summary>The requests that are sent, as bytes.</summary>
internal static class Requests
{
    private static readonly string[] Words = ["it", "is", "a", "truth", "universally", "acknowledged", "that", "single", "man", "in", "possession", "of", "good", "fortune", "must", "be", "want", "wife"];

    /// <summary>English text of about so many tokens of the sample tokenizer.</summary>
    public static string Prompt(int words, int seed)
    {
        var text = new StringBuilder();
        for (var i = 0; i < words; i++)
        {
            text.Append(Words[(int)((((uint)i * 2654435761u) + ((uint)seed * 40503u)) >> 7) % Words.Length]).Append(' ');
        }

        return text.ToString();
    }

    public static string Chat(string model, int words, int maxTokens, bool stream, int seed = 0) =>
        JsonSerializer.Serialize(new { model, messages = new[] { new { role = "user", content = Prompt(words, seed) } }, max_tokens = maxTokens, stream });

    public static string Completion(string model, int words, int maxTokens, bool stream, int seed = 0) =>
        JsonSerializer.Serialize(new { model, prompt = Prompt(words, seed), max_tokens = maxTokens, stream });

    public static byte[] Post(string path, string body, string? key, params IEnumerable<(string Name, string Value)> headers)
    {
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"POST {path} HTTP/1.1\r\nHost: models\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n");
        if (key is not null)
        {
            head.Append(CultureInfo.InvariantCulture, $"Authorization: Bearer {key}\r\n");
        }

        foreach (var (name, value) in headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        return Encoding.UTF8.GetBytes(head.Append("\r\n").Append(body).ToString());
    }
}
