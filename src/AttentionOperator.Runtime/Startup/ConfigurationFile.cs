using System.Text.Json;
using System.Text.Json.Serialization;
using AttentionOperator.Api.Runtime;

namespace AttentionOperator.Runtime.Startup;

/// <summary>Reads runtime.json.</summary>
internal static class ConfigurationFile
{
    // An unknown field is something that the operator wants and this version does not do: refused, not ignored.
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
    };

    public static RuntimeConfiguration Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var configuration = JsonSerializer.Deserialize<RuntimeConfiguration>(stream, Options)
                ?? throw Invalid(path, "it is null; a JSON object is expected.");
            return Check(path, configuration);
        }
        catch (JsonException e)
        {
            throw Invalid(path, e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Invalid(path, e.Message, e);
        }
    }

    private static RuntimeConfiguration Check(string path, RuntimeConfiguration configuration)
    {
        var limits = configuration.Limits;
        if (configuration.Model.Length == 0) throw Invalid(path, "'model' is empty.");
        if (limits.MaxInputTokens < 1) throw Invalid(path, $"'limits.maxInputTokens' is {limits.MaxInputTokens}; at least 1 is expected.");
        if (limits.MaxOutputTokens < 1) throw Invalid(path, $"'limits.maxOutputTokens' is {limits.MaxOutputTokens}; at least 1 is expected.");
        if (limits.MaxBatchTokens < 1) throw Invalid(path, $"'limits.maxBatchTokens' is {limits.MaxBatchTokens}; at least 1 is expected.");
        if (configuration.Batching.MaxSequences < 1) throw Invalid(path, $"'batching.maxSequences' is {configuration.Batching.MaxSequences}; at least 1 is expected.");
        if (configuration.DrainSeconds < 0) throw Invalid(path, $"'drainSeconds' is {configuration.DrainSeconds}; 0 or more is expected.");
        return configuration;
    }

    private static StartFailureException Invalid(string path, string problem, Exception? inner = null) =>
        new(StartFailureReason.ConfigurationInvalid, $"{Path.GetFileName(path)}: {problem}", inner);
}
