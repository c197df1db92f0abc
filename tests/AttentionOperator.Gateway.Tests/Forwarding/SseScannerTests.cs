using System.Text;
using AttentionOperator.Gateway.Forwarding;
using CsCheck;

namespace AttentionOperator.Gateway.Tests.Forwarding;

public sealed class SseScannerTests
{
    private const string Complete = ": ping\n\ndata: {\"a\":1}\n\ndata:{\"b\":2}\r\n\r\nevent: x\ndata: {\"error\":{}}\n\ndata: [DONE]\n\n";

    [Fact]
    public void AnyCutOfTheBytes_IsReadTheSame() =>
        Gen.Int[1, 20].List[1, 60].Sample(cuts =>
        {
            var bytes = Encoding.UTF8.GetBytes(Complete);
            var scanner = new SseScanner();
            var position = 0;
            foreach (var cut in cuts)
            {
                var length = Math.Min(cut, bytes.Length - position);
                scanner.Scan(bytes.AsSpan(position, length));
                position += length;
            }

            scanner.Scan(bytes.AsSpan(position));
            Assert.Equal((2, true, true, false), (scanner.Events, scanner.Done, scanner.Error, scanner.InLine));
        });

    [Theory]
    [InlineData("data: {\"text\":\"[DONE]\"}\n\n", 1, false, false)]
    [InlineData("data: {\"a\"", 0, false, true)]
    [InlineData("dat", 0, false, true)]
    [InlineData("data: {}\n\n", 1, false, false)]
    public void IncompleteStreams(string text, int events, bool done, bool inLine)
    {
        var scanner = new SseScanner();
        scanner.Scan(Encoding.UTF8.GetBytes(text));
        Assert.Equal((events, done, inLine), (scanner.Events, scanner.Done, scanner.InLine));
    }
}
