using System.Threading.Channels;
using AttentionOperator.Kube.Client;
using k8s;
using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Pods;

/// <summary>Writes a pod's status when it differs from what was written last. Changes in quick succession become one write.</summary>
internal sealed class PodStatusPublisher(Func<PodObservation?> observe, PodServices services) : IDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _abandon = new();
    private V1PodStatus? _last;
    private string? _written;

    public void Changed() => _changes.Writer.TryWrite(true);

    public async Task RunAsync()
    {
        await foreach (var _ in _changes.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            while (!_abandon.IsCancellationRequested && !await WriteAsync().ConfigureAwait(false))
            {
                try
                {
                    await Task.Delay(RetryDelay, services.Time, _abandon.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }

    /// <summary>Writes what is still to be written, unless the object is gone, and ends.</summary>
    public async Task CompleteAsync(Task running, bool write)
    {
        if (!write)
        {
            await _abandon.CancelAsync().ConfigureAwait(false);
        }

        _changes.Writer.TryComplete();
        await running.ConfigureAwait(false);
    }

    public void Dispose() => _abandon.Dispose();

    private async Task<bool> WriteAsync()
    {
        if (observe() is not { } observed)
        {
            return true;
        }

        var status = PodStatusBuilder.Build(observed, _last, services.Time.GetUtcNow());
        var text = KubernetesJson.Serialize(status);
        if (text == _written)
        {
            return true;
        }

        try
        {
            await services.Api.UpdateStatusAsync(observed.Pod, status, _abandon.Token).ConfigureAwait(false);
            _written = text;
            _last = status;
            return true;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
        catch (KubeApiException exception) when (exception.IsNotFound || exception.IsConflict)
        {
            // The pod is gone, or another one has its name by now.
            return true;
        }
        catch (Exception exception) when (exception is KubeApiException or HttpRequestException or IOException)
        {
            NodeLog.StatusWriteFailed(services.Logger, exception, observed.Pod.Metadata.NamespaceProperty, observed.Pod.Metadata.Name);
            return false;
        }
    }
}
