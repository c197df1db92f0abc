using AttentionOperator.Gateway.Sampling;
using AttentionOperator.Gateway.Tests.Integration;

namespace AttentionOperator.Gateway.Tests.Sampling;

public sealed class SamplingTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("gateway-samples-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("write to jane.doe+x@example.co.uk now", "write to [email] now")]
    [InlineData("card 4111 1111 1111 1111, not 4111 1111 1111 1112", "card [card], not 4111 1111 1111 1112")]
    [InlineData("IBAN DE89 3704 0044 0532 0130 00 please", "IBAN [iban] please")]
    [InlineData("call +49 (30) 1234-5678 or 030 12345678", "call [phone] or [phone]")]
    [InlineData("from 192.168.10.20 and fe80:0:0:0:202:b3ff:fe1e:8329", "from [ip] and [ip]")]
    [InlineData("key sk-abcdefghij0123456789XYZ", "key [secret]")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln", "[secret]")]
    [InlineData("In 1813 she wrote 61 chapters, about 122,000 words.", "In 1813 she wrote 61 chapters, about 122,000 words.")]
    public void WhatPointsToAPerson_IsMasked(string text, string masked) => Assert.Equal(masked, PiiMask.Of(text));

    [Fact]
    public async Task ASample_IsMasked_AndSaysNotWhoAsked()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(o => o with { Sampling = new SamplingOptions(_directory, PerMille: 1000) });
        await using var a = await MockRuntime.StartAsync();
        gateway.Apply("chat", ("a", 100, [a]));
        using (await gateway.PostAsync("""{"model":"chat","user":"jane","prompt":"I am jane@example.com"}"""))
        {
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (Directory.GetFiles(_directory).Length == 0) await Task.Delay(10, limit.Token);
        var text = await File.ReadAllTextAsync(Directory.GetFiles(_directory).Single());
        Assert.Contains("I am [email]", text, StringComparison.Ordinal);
        Assert.Contains("\"by\":\"runtime\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("jane", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ByDefault_NothingIsSampled()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        Assert.False(((RequestSampler)gateway.Services.GetService(typeof(RequestSampler))!).IsTurn());
    }
}
