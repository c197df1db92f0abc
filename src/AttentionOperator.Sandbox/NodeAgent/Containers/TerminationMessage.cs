using System.Text;
using AttentionOperator.Sandbox.NodeAgent.Logs;

namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>A container's last words: its termination log or, where its policy says so and it failed, the end of its log.</summary>
internal static class TerminationMessage
{
    private const int MaximumBytes = 4096;
    private const int MaximumLogBytes = 2048;
    private const int MaximumLogLines = 80;

    public static async Task<string?> ReadAsync(string path, string? policy, int exitCode, ContainerLog log)
    {
        var message = File.Exists(path) ? ReadStart(path) : string.Empty;
        if (message.Length == 0 && policy == "FallbackToLogsOnError" && exitCode != 0)
        {
            using var tail = new MemoryStream();
            await LogReader.CopyAsync(log, new PodLogOptions { TailLines = MaximumLogLines }, tail, CancellationToken.None).ConfigureAwait(false);
            var bytes = tail.ToArray();
            message = Encoding.UTF8.GetString(bytes.AsSpan(Math.Max(0, bytes.Length - MaximumLogBytes)));
        }

        return message.Length == 0 ? null : message;
    }

    private static string ReadStart(string path)
    {
        using var file = File.OpenRead(path);
        var buffer = new byte[MaximumBytes];
        var read = file.ReadAtLeast(buffer, MaximumBytes, throwOnEndOfStream: false);
        return Encoding.UTF8.GetString(buffer, 0, read);
    }
}
