using AttentionOperator.Runtime.Serving;

namespace AttentionOperator.Runtime.OpenAi;

/// <summary>What all chunks of an answer have in common.</summary>
internal sealed record Answer(string Id, long Created, string ModelName, ServedModel Model, Shortening? Shortened);
