namespace AttentionOperator.Packaging.Tests;

internal sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    public string RequireSuccess()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Output}\n{Errors}");
        return Output;
    }
}
