namespace AttentionOperator.Sandbox.NodeAgent.Processes;

/// <summary>
/// Finds the program before it is started, with the container's own PATH: an exec that fails inside the launching shim would look like a
/// program that ended with 127.
/// </summary>
internal static class ExecutablePath
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public static string Resolve(string fileName, IReadOnlyDictionary<string, string> environment, string workingDirectory)
    {
        if (fileName.Contains('/', StringComparison.Ordinal))
        {
            var path = Path.GetFullPath(fileName, workingDirectory);
            if (!File.Exists(path))
            {
                throw new ExecutableNotFoundException($"exec: \"{fileName}\": stat {path}: no such file or directory");
            }

            return IsExecutable(path) ? path : throw new ExecutableNotFoundException($"exec: \"{fileName}\": permission denied");
        }

        var directories = environment.GetValueOrDefault("PATH", string.Empty).Split(':', StringSplitOptions.RemoveEmptyEntries);
        foreach (var directory in directories)
        {
            var path = Path.Combine(directory, fileName);
            if (File.Exists(path) && IsExecutable(path))
            {
                return path;
            }
        }

        throw new ExecutableNotFoundException($"exec: \"{fileName}\": executable file not found in $PATH");
    }

    private static bool IsExecutable(string path) =>
        OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Executable) != UnixFileMode.None;
}
