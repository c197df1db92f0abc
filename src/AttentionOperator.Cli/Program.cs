using AttentionOperator.Cli;

return await CommandLine.Build(Console.Out, Console.Error).Parse(args).InvokeAsync();
