using System.Runtime.InteropServices;
using AttentionOperator.Inference.Weights;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>What TorchSharp does not bind, through libtorch's stable C interface (AOTInductor shim).</summary>
internal static unsafe class TorchInterop
{
    /// <summary>A tensor over memory that it does not own: the memory must outlive it. No copy.</summary>
    public static torch.Tensor FromMemory(nint address, ReadOnlySpan<long> shape, ElementType type)
    {
        Span<long> strides = stackalloc long[shape.Length];
        long stride = 1;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= shape[i];
        }

        nint handle;
        fixed (long* sizes = shape, steps = strides)
        {
            var error = Native.aoti_torch_create_tensor_from_blob(address, shape.Length, sizes, steps, 0, TypeCode(type), Native.aoti_torch_device_type_cpu(), 0, &handle);
            if (error != 0)
                throw new InvalidOperationException($"libtorch refused a tensor over memory (error {error})");
        }

        return torch.Tensor.UnsafeCreateTensor(handle);
    }

    /// <summary>
    /// The elements of a contiguous float32 tensor in host memory, valid as long as the tensor is. TorchSharp's own accessor steps through
    /// an iterator per element, which for the logits of a batch takes longer than computing them.
    /// </summary>
    public static ReadOnlySpan<float> Elements(torch.Tensor tensor)
    {
        if (tensor.dtype != torch.ScalarType.Float32 || tensor.device_type != DeviceType.CPU || !tensor.is_contiguous())
            throw new ArgumentException($"a contiguous float32 tensor in host memory is expected, not {tensor.dtype} on {tensor.device_type}", nameof(tensor));
        nint address;
        var error = Native.aoti_torch_get_data_ptr(tensor.Handle, &address);
        return error == 0 ? new ReadOnlySpan<float>((void*)address, checked((int)tensor.numel())) : throw new InvalidOperationException($"libtorch gave no address of a tensor (error {error})");
    }

    public static torch.ScalarType ToScalarType(this ElementType type) => type switch
    {
        ElementType.Float32 => torch.ScalarType.Float32,
        ElementType.Float16 => torch.ScalarType.Float16,
        _ => torch.ScalarType.BFloat16,
    };

    private static int TypeCode(ElementType type) => type switch
    {
        ElementType.Float32 => Native.aoti_torch_dtype_float32(),
        ElementType.Float16 => Native.aoti_torch_dtype_float16(),
        _ => Native.aoti_torch_dtype_bfloat16(),
    };

    private static class Native
    {
        private const string Library = "torch_cpu";

        [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
        internal static extern int aoti_torch_create_tensor_from_blob(nint data, long rank, long* sizes, long* strides, long offset, int type, int device, int deviceIndex, nint* handle);

        [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
        internal static extern int aoti_torch_get_data_ptr(nint tensor, nint* address);

        [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
        internal static extern int aoti_torch_device_type_cpu();

        [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
        internal static extern int aoti_torch_dtype_float32();

        [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
        internal static extern int aoti_torch_dtype_float16();

        [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
        internal static extern int aoti_torch_dtype_bfloat16();
    }
}
