using System.Runtime.InteropServices;
using AttentionOperator.Inference.Models.Descriptions;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>
/// libtorch's RMS norm in one kernel, which TorchSharp does not bind, through libtorch's C interface: in single operations it is eight.
/// Computes in float32 whatever the input's type.
/// </summary>
internal static unsafe class FusedNorm
{
    private static readonly Lazy<nint> Export = new(Find);

    /// <summary>This libtorch has it, for CUDA.</summary>
    public static bool IsThere => Export.Value != 0;

    /// <param name="input">[.., size].</param>
    /// <param name="norm">Its size and epsilon.</param>
    /// <param name="weight">[size] of the input's type, the norm's offset added.</param>
    /// <exception cref="InvalidOperationException">libtorch refused, for instance because the device has no memory left.</exception>
    public static torch.Tensor Apply(torch.Tensor input, NormDescription norm, torch.Tensor weight)
    {
        // aoti_torch_cuda__fused_rms_norm(input, shape, rank, weight?, epsilon?, out result, out reciprocal deviation)
        var call = (delegate* unmanaged[Cdecl]<nint, long*, long, nint*, double*, nint*, nint*, int>)Export.Value;
        long size = norm.Size;
        double epsilon = norm.Epsilon;
        nint weightHandle = weight.Handle, result, deviation;
        var error = call(input.Handle, &size, 1, &weightHandle, &epsilon, &result, &deviation);
        GC.KeepAlive(input);
        GC.KeepAlive(weight);
        if (error != 0)
            throw new InvalidOperationException($"libtorch refused an RMS norm over {norm.Size} elements (error {error})");
        torch.Tensor.UnsafeCreateTensor(deviation).Dispose();
        return torch.Tensor.UnsafeCreateTensor(result);
    }

    private static nint Find()
    {
        foreach (var name in new[] { "torch_cuda", "libtorch_cuda.so" })
            if (NativeLibrary.TryLoad(name, typeof(torch).Assembly, null, out var library) && NativeLibrary.TryGetExport(library, "aoti_torch_cuda__fused_rms_norm", out var address))
                return address;
        return 0;
    }
}
