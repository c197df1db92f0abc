namespace AttentionOperator.Runtime.Startup;

/// <summary>Arguments of <c>attention-runtime serve</c>.</summary>
/// <param name="Config">Path of runtime.json.</param>
/// <param name="Model">Directory of the model.</param>
/// <param name="Tokenizer">Directory of the tokenizer; null = the model's.</param>
/// <param name="Listen"><c>address:port</c>; null = by <c>POD_IP</c>.</param>
/// <param name="Device">Where to compute.</param>
internal sealed record ServeArguments(string Config, string Model, string? Tokenizer, string? Listen, DeviceChoice Device);

/// <summary>Where to compute.</summary>
internal enum DeviceChoice
{
    /// <summary>The GPU where there is one.</summary>
    Auto,

    Cpu,

    Cuda,
}
