using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Sampling;

namespace AttentionOperator.Inference.Tests.Fakes;

/// <summary>What a request gives when it runs alone, computed without engine, scheduler or cache.</summary>
internal static class Oracle
{
    public static List<int> Run(GenerationRequest request, int vocabulary, int maxLength = int.MaxValue, ulong salt = 0, int[]? prompt = null)
    {
        prompt ??= request.PromptIds;
        List<int> context = [.. prompt, .. request.GeneratedIds];
        var state = new SamplingState(request.Sampling, request.Sampling.Seed ?? 0);
        state.AddPrompt(prompt);
        foreach (var id in request.GeneratedIds) state.AddOutput(id);
        var sampler = new Sampler(vocabulary);
        var logits = new float[vocabulary];
        List<int> output = [];
        var given = request.GeneratedIds;
        if (given.Length > request.MinTokens && request.StopIds.Contains(given[^1])) return output;
        while (request.GeneratedIds.Length + output.Count < request.MaxTokens && context.Count < maxLength)
        {
            HashModel.Reference([.. context], logits, salt);
            var index = request.GeneratedIds.Length + output.Count;
            var token = sampler.Sample(logits, state, [.. context], [], index < request.MinTokens ? request.StopIds : null, index);
            context.Add(token);
            output.Add(token);
            state.AddOutput(token);
            if (request.StopIds.Contains(token)) break;
        }

        return output;
    }
}
