using System.Net;
using AttentionOperator.Gateway.Forwarding;
using AttentionOperator.Gateway.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AttentionOperator.Gateway.Tests.Integration;

/// <summary>A gateway that is replaced or scaled in fails no request.</summary>
public sealed class LeavingOverHttpTests
{
    [Fact]
    public async Task AGatewayThatLeaves_IsNotReady_StillAnswers_ClosesConnections_AndFinishesItsStreams()
    {
        var half = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        await using var gateway = await GatewayUnderTest.StartAsync(o => o with { Timings = o.Timings with { Leaving = TimeSpan.FromMilliseconds(500) } });
        await using var a = await MockRuntime.StartAsync(Scripts.Stream(before: async token =>
        {
            if (token != 5) return;
            half.SetResult();
            await goOn.Task;
        }));
        gateway.Apply("chat", ("a", 100, [a]));
        var stream = gateway.PostAsync("""{"model":"chat","prompt":"x","stream":true}""");
        await half.Task;
        a.Script = Scripts.Answer();
        using var before = await gateway.PostAsync("""{"model":"chat"}""");
        Assert.NotEqual(true, before.Headers.ConnectionClose);

        var lifetime = gateway.Services.GetRequiredService<GatewayLifetime>();
        var stopping = new TaskCompletionSource();
        gateway.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        lifetime.Drain();
        using var ready = await gateway.Admin.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        using var during = await gateway.PostAsync("""{"model":"chat"}""");
        Assert.Equal((HttpStatusCode.OK, true), (during.StatusCode, during.Headers.ConnectionClose));
        await stopping.Task;
        var stopped = gateway.StopAsync();
        goOn.SetResult();
        using var answer = await stream;
        Assert.Equal(string.Concat(Scripts.Tokens), GatewayUnderTest.ReadStream(await answer.Content.ReadAsStringAsync()).Text);
        await stopped;
    }

    /// <summary>A rolling update as clients see it: the next gateway is there before the one before it leaves.</summary>
    [Fact]
    public async Task WhileGatewaysAreReplacedOneAfterTheOther_NoRequestFails()
    {
        await using var a = await MockRuntime.StartAsync(async (context, body) => await (body["stream"] is null ? Scripts.Answer() : Scripts.Stream(before: _ => Task.Delay(2)))(context, body));
        var current = await StartAsync(a);
        using var done = new CancellationTokenSource();
        var failures = 0;
        var answers = 0;
        var clients = Enumerable.Range(0, 6).Select(async client =>
        {
            while (!done.IsCancellationRequested)
            {
                var stream = client % 2 == 0;
                using var response = await Volatile.Read(ref current).PostAsync(stream ? """{"model":"chat","prompt":"x","stream":true}""" : """{"model":"chat","prompt":"x"}""");
                var body = await response.Content.ReadAsStringAsync();
                Interlocked.Increment(ref answers);
                if (!response.IsSuccessStatusCode || (stream && GatewayUnderTest.ReadStream(body).Text != string.Concat(Scripts.Tokens))) Interlocked.Increment(ref failures);
            }
        }).ToList();
        for (var i = 0; i < 3; i++)
        {
            var seen = Volatile.Read(ref answers);
            while (Volatile.Read(ref answers) < seen + 30) await Task.Delay(5);
            var old = current;
            Volatile.Write(ref current, await StartAsync(a));
            var stopping = new TaskCompletionSource();
            old.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
            old.Services.GetRequiredService<GatewayLifetime>().Drain();
            await stopping.Task;
            await old.StopAsync();
        }

        await done.CancelAsync();
        await Task.WhenAll(clients);
        Assert.Equal(0, failures);
        await current.DisposeAsync();
    }

    private static async Task<GatewayUnderTest> StartAsync(MockRuntime runtime)
    {
        var gateway = await GatewayUnderTest.StartAsync(o => o with { Timings = o.Timings with { Leaving = TimeSpan.FromMilliseconds(300) } });
        gateway.Apply("chat", ("a", 100, [runtime]));
        return gateway;
    }
}
