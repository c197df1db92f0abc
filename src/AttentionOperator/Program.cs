using AttentionOperator.Hosting;

return await CommandLine.Build(RunAsync).Parse(args).InvokeAsync();

static async Task<int> RunAsync(OperatorOptions options, CancellationToken cancellation)
{
    await using var app = OperatorHost.Build(options);
    await app.RunAsync(cancellation);
    return 0;
}
