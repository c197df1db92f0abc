using AttentionOperator.Runtime;

return await CommandLine.RunAsync(args);
