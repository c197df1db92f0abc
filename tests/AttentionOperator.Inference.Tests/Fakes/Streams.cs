using AttentionOperator.Inference.Engine;

namespace AttentionOperator.Inference.Tests.Fakes;

internal sealed record Answer(List<int> Ids, string Text, FinishReason? Finish, List<GenerationEvent> Events);

internal static class Streams
{
    public static async Task<Answer> CollectAsync(this IGenerationEngine engine, GenerationRequest request, CancellationToken cancellationToken = default)
    {
        List<GenerationEvent> events = [];
        await foreach (var item in engine.GenerateAsync(request, cancellationToken)) events.Add(item);
        return new Answer(
            [.. events.Where(e => e.TokenId >= 0).Select(e => e.TokenId)], string.Concat(events.Select(e => e.Text)), events.Count == 0 ? null : events[^1].Finish, events);
    }
}
