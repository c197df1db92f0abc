using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Tests.Api;
using static AttentionOperator.Sandbox.Tests.Api.ApiTestServer;

namespace AttentionOperator.Sandbox.Tests.Storage;

/// <summary>What watches cost whose clients are gone.</summary>
public sealed class LeavingWatcherTests
{
    [Fact]
    public async Task Watches_whose_client_is_gone_take_no_processor()
    {
        var clock = new CountingClock();
        await using var api = await ApiTestServer.StartAsync(new SandboxApiServerOptions { Clock = clock });
        for (var round = 0; round < 5; round++)
        {
            using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = api.Client.BaseAddress };
            await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => client.GetAsync($"{ConfigMaps}?watch=true&allowWatchBookmarks=true", HttpCompletionOption.ResponseHeadersRead)));
        }

        // Each look at the clock is a round of some loop: a watch that spins until a thread is free takes them by the ten thousand.
        for (var i = 0; i < 20; i++) await api.GetAsync(ConfigMaps);
        Assert.InRange(clock.Looks, 0, 5_000);
    }

    private sealed class CountingClock : TimeProvider
    {
        private long _looks;

        public long Looks => Volatile.Read(ref _looks);

        public override long GetTimestamp()
        {
            Interlocked.Increment(ref _looks);
            return base.GetTimestamp();
        }
    }
}
