using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AttentionOperator.Tokenization.Json;

namespace AttentionOperator.Tokenization.ChatTemplates;

/// <summary>Finds the chat template of a published directory.</summary>
internal static class ChatTemplateFile
{
    private const string TemplateFile = "chat_template.jinja";
    private const string TemplateJsonFile = "chat_template.json";
    private const long MaximumBytes = 1 << 20;

    /// <summary>chat_template.jinja, else chat_template.json, else the member of tokenizer_config.json; null where there is none.</summary>
    public static string? Find(string directory, JsonFile? config)
    {
        var path = Path.Combine(directory, TemplateFile);
        if (File.Exists(path))
            return ReadText(path);
        using var json = JsonFile.OpenIfPresent(directory, TemplateJsonFile);
        var field = json is not null ? json.Root["chat_template"] : config is not null ? config.Root["chat_template"] : default;
        if (field.IsNull)
            return null;
        return field.Kind == JsonValueKind.Array ? ReadDefault(field) : field.AsString();
    }

    /// <summary>sha256 over the template and the variables that the tokenizer gives it.</summary>
    public static string Digest(string template, IReadOnlyDictionary<string, string> variables)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(template);
        foreach (var (name, value) in variables.OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            Append(name);
            Append(value);
        }
        return "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset());

        void Append(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }
    }

    private static string ReadText(string path)
    {
        try
        {
            return FileLength.Of(path) <= MaximumBytes
                ? File.ReadAllText(path)
                : throw new TokenizerFormatException(TemplateFile, "", $"is longer than {MaximumBytes} bytes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerFormatException(TemplateFile, "", $"cannot be read: {e.Message}", e);
        }
    }

    // Several named templates: the one called "default" is for plain chat.
    private static string ReadDefault(JsonField field)
    {
        foreach (var item in field.Items())
        {
            if (item.Require("name").AsString() == "default")
                return item.Require("template").AsString();
        }
        throw field.Error("has no template named 'default'");
    }
}
