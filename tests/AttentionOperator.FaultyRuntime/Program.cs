// A stand-in for the runtime's image in tests of rollouts: it becomes ready like the real one, and then fails or dawdles as its environment says.
//   FAULT_ERRORS=0.5   share of requests that are answered with a 500
//   FAULT_DELAY_MS=800 time that every answer takes
//   FAULT_SEED=7       which of the answers fail
using System.Globalization;
using System.Net;
using AttentionOperator.Api.Naming;

var errors = double.Parse(Environment.GetEnvironmentVariable("FAULT_ERRORS") ?? "0", CultureInfo.InvariantCulture);
var delay = TimeSpan.FromMilliseconds(int.Parse(Environment.GetEnvironmentVariable("FAULT_DELAY_MS") ?? "0", CultureInfo.InvariantCulture));
var address = IPAddress.Parse(Environment.GetEnvironmentVariable(EnvironmentNames.PodIp) ?? "127.0.0.1");
var random = new Random(int.Parse(Environment.GetEnvironmentVariable("FAULT_SEED") ?? "1", CultureInfo.InvariantCulture));

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(address, PortNames.Runtime));
var app = builder.Build();
foreach (var path in new[] { RuntimeLayout.LivePath, RuntimeLayout.ReadyPath, RuntimeLayout.StartupPath }) app.MapGet(path, () => Results.Ok());
app.MapPost("/v1/completions", async (CancellationToken cancellation) =>
{
    await Task.Delay(delay, cancellation);
    bool fails;
    lock (random) fails = random.NextDouble() < errors;
    return fails
        ? Results.Json(new { error = new { message = "This revision fails on purpose.", type = "server_error", param = (string?)null, code = "fault" } }, statusCode: 500)
        : Results.Json(new
        {
            id = "cmpl-fault",
            @object = "text_completion",
            choices = new[] { new { index = 0, text = " on purpose", finish_reason = "length" } },
            usage = new { prompt_tokens = 1, completion_tokens = 2, total_tokens = 3 },
        });
});
await app.RunAsync();
