using AttentionOperator.Api.Runtime;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Memory;

namespace AttentionOperator.Runtime.Startup;

/// <summary>What is left in the termination message when the engine ends while it serves.</summary>
internal static class EngineEnd
{
    public static TerminationMessage Describe(EngineState state, Exception? fault) => MemoryFailure.Is(fault)
        ? new TerminationMessage(StartFailureReason.OutOfMemory, $"{fault!.Message} Lower limits.maxBatchTokens or batching, or give the model a device of its own.")
        : new TerminationMessage(StartFailureReason.InternalError, $"The engine ended while serving (state {state}): {fault?.Message ?? "no cause is known"}; the log has the failed steps.");
}
