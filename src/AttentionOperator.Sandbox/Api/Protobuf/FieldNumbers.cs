using System.Globalization;

namespace AttentionOperator.Sandbox.Api.Protobuf;

/// <summary>Which protobuf field number carries which JSON field, per message. Read from <c>field-numbers.txt</c>.</summary>
internal static class FieldNumbers
{
    private static readonly Lazy<Dictionary<string, Dictionary<int, string>>> Messages = new(Load);

    /// <summary>The fields of a message; a name that ends in a question mark tells zero from absent.</summary>
    public static IReadOnlyDictionary<int, string>? Of(string message) => Messages.Value.GetValueOrDefault(message);

    private static Dictionary<string, Dictionary<int, string>> Load()
    {
        using var stream = typeof(FieldNumbers).Assembly.GetManifestResourceStream("field-numbers.txt")
            ?? throw new InvalidOperationException("The embedded resource field-numbers.txt is missing.");
        using var reader = new StreamReader(stream);
        var messages = new Dictionary<string, Dictionary<int, string>>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#')) continue;
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var fields = messages[line[..colon]] = [];
            var number = 0;
            foreach (var word in line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                var parts = word.Split('=');
                number = parts.Length == 2 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : number + 1;
                fields[number] = parts[0];
            }
        }

        return messages;
    }
}
