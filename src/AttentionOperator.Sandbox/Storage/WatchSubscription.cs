using System.Threading.Channels;

namespace AttentionOperator.Sandbox.Storage;

/// <summary>One watcher's queue. Records are shared, so a long queue costs little; a watcher that falls hopelessly behind is ended.</summary>
internal sealed class WatchSubscription
{
    private const int MaximumBacklog = 200_000;
    // Not SingleReader: the channel made for one reader cannot be counted.
    private readonly Channel<WatchRecord> _channel = Channel.CreateUnbounded<WatchRecord>();

    public ChannelReader<WatchRecord> Records => _channel.Reader;

    public void Offer(WatchRecord record)
    {
        if (_channel.Reader.Count > MaximumBacklog) _channel.Writer.TryComplete();
        else _channel.Writer.TryWrite(record);
    }

    public void End() => _channel.Writer.TryComplete();
}
