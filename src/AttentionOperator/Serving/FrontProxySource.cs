using AttentionOperator.Kube.Informers;
using k8s.Models;

namespace AttentionOperator.Serving;

/// <summary>Follows the ConfigMap that says how the API server vouches for its users.</summary>
internal sealed class FrontProxySource
{
    private readonly SharedInformer<V1ConfigMap> maps;
    private FrontProxySettings settings = FrontProxySettings.None;

    public FrontProxySource(InformerFactory factory)
    {
        maps = factory.Typed(new InformerOptions<V1ConfigMap> { Namespace = "kube-system", FieldSelector = "metadata.name=extension-apiserver-authentication" });
        maps.AddHandler(@event => Volatile.Write(ref settings, FrontProxySettings.Of(@event.New)));
    }

    public FrontProxySettings Settings => Volatile.Read(ref settings);

    public Task RunAsync(CancellationToken cancellation) => maps.RunAsync(cancellation);
}
