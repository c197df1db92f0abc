namespace AttentionOperator.Cli.Models;

/// <summary>What the user asked for cannot be done; the message says why.</summary>
internal sealed class CommandException(string message) : Exception(message);
