using AttentionOperator.Runtime.Metrics;
using AttentionOperator.Runtime.Serving;

namespace AttentionOperator.Runtime.Http;

/// <summary>The endpoints' handlers, made once for the loaded model: they know its tokenizer's frame and byte bound.</summary>
internal sealed record ApiEndpoints(GenerationEndpoints Generation, EncoderEndpoints Encoder, RerankEndpoint Rerank, TokenizerEndpoints Tokenizer)
{
    public static ApiEndpoints For(ServedModel model, RequestPipeline pipeline, TokenizationPool pool, RuntimeMetrics metrics)
    {
        var encoder = new PromptEncoder(pool, SpecialFrame.Derive(model.Tokenizer), metrics);
        var service = new EncoderService(metrics);
        return new ApiEndpoints(
            new GenerationEndpoints(pipeline, encoder, new ChunkedGeneration(encoder), new GenerationService(metrics)),
            new EncoderEndpoints(pipeline, encoder, service),
            new RerankEndpoint(pipeline, encoder, service),
            new TokenizerEndpoints(pipeline, encoder));
    }
}
