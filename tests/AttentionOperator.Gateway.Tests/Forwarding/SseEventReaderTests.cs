using System.Text;
using AttentionOperator.Gateway.Forwarding;
using CsCheck;

namespace AttentionOperator.Gateway.Tests.Forwarding;

public sealed class SseEventReaderTests
{
    private static readonly string[] Events = [": ping\n\n", "data: {\"a\":1}\n\n", "data:{\"b\":2}\r\n\r\n", "event: x\ndata: {\"error\":{}}\n\n", "data: [DONE]\n\n"];

    [Fact]
    public void AnyCutOfTheBytes_GivesTheSameEvents() =>
        Gen.Int[1, 20].List[1, 60].Sample(cuts =>
        {
            using var reader = new SseEventReader(new CutStream(Encoding.UTF8.GetBytes(string.Concat(Events) + "data: {\"half"), cuts));
            List<string> seen = [];
            do
            {
                while (reader.TryTake(out var sse)) seen.Add(Encoding.UTF8.GetString(sse.Span));
            }
            while (reader.FillAsync(default).AsTask().GetAwaiter().GetResult());
            Assert.Equal(Events, seen);
        });

    [Fact]
    public async Task AnEventWithoutEnd_IsRefused_BeforeItTakesAllMemory()
    {
        using var reader = new SseEventReader(new EndlessStream());
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (await reader.FillAsync(default)) Assert.False(reader.TryTake(out _));
        });
    }

    private sealed class CutStream(byte[] bytes, List<int> cuts) : MemoryStream(bytes)
    {
        private int _cut;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, cuts[_cut++ % cuts.Count])], cancellationToken);
    }

    private sealed class EndlessStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)'x');
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
