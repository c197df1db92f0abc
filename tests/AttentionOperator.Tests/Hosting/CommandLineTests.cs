using AttentionOperator.Hosting;

namespace AttentionOperator.Tests.Hosting;

public sealed class CommandLineTests
{
    /// <summary>Addresses of webhooks hold tokens, and what is refused ends up in the pod's log.</summary>
    [Theory]
    [InlineData("--notify-url", "NOTIFY_URL")]
    [InlineData("--retrain-url", "RETRAIN_URL")]
    public void The_address_of_a_webhook_that_is_refused_is_not_shown(string option, string variable)
    {
        var errors = CommandLine.Build((_, _) => Task.FromResult(0)).Parse([option, "hooks.example.com/s3cret"]).Errors;
        var message = Assert.Single(errors).Message;
        Assert.StartsWith($"{option} (or {variable}) is no http or https address", message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", message, StringComparison.Ordinal);
        Assert.Empty(CommandLine.Build((_, _) => Task.FromResult(0)).Parse([option, "https://hooks.example.com/s3cret"]).Errors);
    }
}
