using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Inference.Weights;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>Chooses device and arithmetic.</summary>
internal static class TorchDevices
{
    public static TorchWeights Open(LoadOptions options, WeightStore store)
    {
        TorchRuntime.Initialize(options.Threads, options.Cuda);
        if (options.Cuda && !torch.cuda.is_available())
            throw new NotSupportedException("no CUDA device is available to this build; build with -p:TorchFlavour=Cuda and run on a machine with a GPU, or compute on the CPU");
        return new TorchWeights(store, Arithmetic(options, store), options.Cuda ? torch.CUDA : torch.CPU, options.Precision switch { Precision.Int8 => 8, Precision.Int4 => 4, _ => null })
        {
            Fuse = options.Cuda || options.FusedAttention,
        };
    }

    private static torch.ScalarType Arithmetic(LoadOptions options, WeightStore store) => options.Precision switch
    {
        Precision.Float32 => torch.ScalarType.Float32,
        Precision.BFloat16 => torch.ScalarType.BFloat16,
        Precision.Float16 when !options.Cuda => throw new NotSupportedException("float16 arithmetic needs a GPU: choose float32 or bfloat16 on the CPU"),
        Precision.Float16 => torch.ScalarType.Float16,
        _ when options.Cuda => store.Tensors.Values.GroupBy(t => t.Type).MaxBy(g => g.Sum(t => t.ByteLength))!.Key.ToScalarType(),
        _ => torch.ScalarType.Float32,
    };
}
