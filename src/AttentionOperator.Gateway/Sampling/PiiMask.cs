using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AttentionOperator.Gateway.Sampling;

/// <summary>
/// Takes out of texts what points to a person or opens a door: e-mail addresses, card numbers (by the Luhn checksum), IBANs, telephone numbers, IP addresses, keys and
/// tokens. Patterns run in linear time. It lowers the risk of a sample; it cannot know names.
/// </summary>
internal static partial class PiiMask
{
    public static string Of(string text)
    {
        text = Email().Replace(text, "[email]");
        text = Secret().Replace(text, "[secret]");
        text = Iban().Replace(text, "[iban]");
        text = Card().Replace(text, match => IsCard(match.Value) ? "[card]" : match.Value);
        text = Ip().Replace(text, "[ip]");
        return Phone().Replace(text, match => match.Value.Count(char.IsAsciiDigit) is >= 9 and <= 15 ? "[phone]" : match.Value);
    }

    /// <summary>Masks every string of a JSON document, its field names left as they are.</summary>
    public static JsonNode? Of(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(fields.Select(f => KeyValuePair.Create(f.Key, Of(f.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Of)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => JsonValue.Create(Of(value.GetValue<string>())),
        _ => node?.DeepClone(),
    };

    private static bool IsCard(string text)
    {
        var digits = text.Where(char.IsAsciiDigit).Select(c => c - '0').Reverse().ToList();
        return digits.Count is >= 13 and <= 19 && digits.Select((d, i) => i % 2 == 0 ? d : d > 4 ? (2 * d) - 9 : 2 * d).Sum() % 10 == 0;
    }

    [GeneratedRegex(@"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,255}\.[A-Za-z]{2,24}", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Email();

    [GeneratedRegex(@"(sk|pk|ghp|gho|xox[abp]|AKIA|hf)[-_A-Za-z0-9]{16,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*|[0-9a-fA-F]{32,}", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Secret();

    [GeneratedRegex(@"\b[A-Z]{2}[0-9]{2}( ?[A-Z0-9]{4}){3,7}( ?[A-Z0-9]{1,3})?\b", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Iban();

    [GeneratedRegex(@"\b[0-9]([ -]?[0-9]){12,18}\b", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Card();

    [GeneratedRegex(@"\b([0-9]{1,3}\.){3}[0-9]{1,3}\b|\b([0-9a-fA-F]{1,4}:){4,7}[0-9a-fA-F]{1,4}\b", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Ip();

    [GeneratedRegex(@"(\+|\b)[0-9][0-9 ()/.-]{7,20}[0-9]\b", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Phone();
}
