using System.Reflection;
using System.Runtime.InteropServices;
using AttentionOperator.Inference;
using AttentionOperator.InferenceBench.Encoders;
using Microsoft.ML.OnnxRuntime;

namespace AttentionOperator.InferenceBench.Peers;

/// <summary>ONNX Runtime as bench/peers/install-onnxruntime.sh installs it, on padded batches, with all of its graph optimizations.</summary>
internal sealed class OnnxRuntimePeer : IEncodingPeer
{
    private static string? s_library;

    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly string _output;

    private OnnxRuntimePeer(EncoderShape shape, LoadedModel model, int threads)
    {
        using var options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1, GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL };
        // Its threads would go on spinning while it is another peer's turn.
        options.AddSessionConfigEntry("session.force_spinning_stop", "1");
        _session = new InferenceSession(OnnxEncoder.Build(shape, model), options);
        _output = _session.OutputNames[0];
    }

    /// <summary>Null where it is not installed.</summary>
    public static OnnxRuntimePeer? Create(string root, EncoderShape shape, LoadedModel model, int threads)
    {
        var library = Path.Combine(root, "bench", "peers", "installed", "onnxruntime", "libonnxruntime.so");
        if (!File.Exists(library))
            return null;
        if (s_library is null)
        {
            s_library = library;
            NativeLibrary.SetDllImportResolver(typeof(InferenceSession).Assembly, Resolve);
        }

        return new OnnxRuntimePeer(shape, model, threads);
    }

    public float[] Encode(int[][] sequences)
    {
        var padded = new Padded(sequences);
        using var ids = OrtValue.CreateTensorValueFromMemory(padded.Ids, [padded.Count, padded.Length]);
        using var lengths = OrtValue.CreateTensorValueFromMemory(padded.Lengths, [padded.Count]);
        using var outputs = _session.Run(_options, ["ids", "lengths"], [ids, lengths], [_output]);
        return padded.Means(outputs[0].GetTensorDataAsSpan<float>());
    }

    public void Dispose()
    {
        _options.Dispose();
        _session.Dispose();
    }

    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name.Contains("onnxruntime", StringComparison.Ordinal) ? NativeLibrary.Load(s_library!) : IntPtr.Zero;
}
