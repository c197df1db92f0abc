using System.Collections.Concurrent;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Gateway.TokenCounting;

/// <summary>The tokenizers whose files are mounted at <c>root/namespace/model/</c>, read when they are first asked for.</summary>
/// <param name="root">Directory; null = none are mounted.</param>
/// <param name="logger">Says once why a tokenizer cannot be used.</param>
internal sealed partial class TokenizerCatalog(TokenizerDirectory root, ILogger<TokenizerCatalog> logger)
{
    private readonly ConcurrentDictionary<ObjectKey, Lazy<LoadedTokenizer?>> _loaded = new();

    public LoadedTokenizer? Get(ObjectKey model)
    {
        if (root.Path is null) return null;
        return _loaded.GetOrAdd(model, key => new Lazy<LoadedTokenizer?>(() => Load(key))).Value;
    }

    private LoadedTokenizer? Load(ObjectKey model)
    {
        // Names of Kubernetes objects hold no separator and are never '..'.
        var directory = Path.Combine(root.Path!, model.Namespace, model.Name);
        if (!Directory.Exists(directory)) return null;
        try
        {
            return TokenizerLoader.Load(directory);
        }
        catch (Exception e) when (e is TokenizerFormatException or IOException or UnauthorizedAccessException)
        {
            LogUnusable(logger, model.ToString(), directory, e.Message);
            return null;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The tokenizer of {Model} in {Directory} cannot be used; its tokens are bounded by bytes: {Problem}")]
    private static partial void LogUnusable(ILogger logger, string model, string directory, string problem);
}

/// <summary>Where tokenizers are mounted.</summary>
internal sealed record TokenizerDirectory(string? Path);
