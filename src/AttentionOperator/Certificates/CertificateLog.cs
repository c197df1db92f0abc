namespace AttentionOperator.Certificates;

internal static partial class CertificateLog
{
    [LoggerMessage(300, LogLevel.Information, "Secret {Secret}: {Change}")]
    public static partial void Changed(ILogger logger, string secret, string change);

    [LoggerMessage(301, LogLevel.Information, "{Target} trusts the operator's authority")]
    public static partial void Published(ILogger logger, string target);

    [LoggerMessage(302, LogLevel.Error, "The certificates cannot be kept: {Error}")]
    public static partial void Failed(ILogger logger, string error);

    [LoggerMessage(303, LogLevel.Information, "Serving with the certificate {Thumbprint}, valid until {End:u}")]
    public static partial void Loaded(ILogger logger, string thumbprint, DateTime end);

    [LoggerMessage(304, LogLevel.Warning, "Secret {Secret} holds no certificate that can be read; the leader replaces it")]
    public static partial void Unreadable(ILogger logger, string secret);
}
