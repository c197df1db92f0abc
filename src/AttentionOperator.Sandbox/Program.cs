using AttentionOperator.Sandbox.Commands;

switch (args)
{
    case ["run", .. var rest]:
        return await RunCommand.RunAsync(rest, Console.Out, Console.Error).ConfigureAwait(false);
    case ["--help" or "-h" or "help"]:
        Console.WriteLine(RunOptions.Help);
        return 0;
    default:
        await Console.Error.WriteLineAsync(RunOptions.Help).ConfigureAwait(false);
        return 2;
}
