using Microsoft.Extensions.Logging;

namespace AttentionOperator.Kube.Leases;

internal static partial class LeaseLog
{
    [LoggerMessage(40, LogLevel.Information, "{Identity} leads ({Lease}, term {Term})")]
    public static partial void Leading(ILogger logger, string identity, string lease, int term);

    [LoggerMessage(41, LogLevel.Information, "{Identity} no longer leads ({Lease} was {How})")]
    public static partial void Stopped(ILogger logger, string identity, string lease, string how);

    [LoggerMessage(42, LogLevel.Warning, "Lease {Lease}: an attempt failed")]
    public static partial void AttemptFailed(ILogger logger, Exception exception, string lease);
}
