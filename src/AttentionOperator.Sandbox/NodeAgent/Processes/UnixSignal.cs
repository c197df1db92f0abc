using System.Runtime.InteropServices;

namespace AttentionOperator.Sandbox.NodeAgent.Processes;

/// <summary>Signals by number, to one process or to a whole process group.</summary>
internal static partial class UnixSignal
{
    public const int Interrupt = 2;
    public const int Quit = 3;
    public const int Kill = 9;
    public const int User1 = 10;
    public const int User2 = 12;
    public const int Terminate = 15;

    /// <summary>Sends to one process; false when it is gone already.</summary>
    public static bool Send(int processId, int signal) => processId > 1 && SendNative(processId, signal) == 0;

    /// <summary>Sends to every member of the group; false when the group is empty.</summary>
    public static bool SendToGroup(int groupId, int signal) => groupId > 1 && SendNative(-groupId, signal) == 0;

    /// <summary>A container's <c>lifecycle.stopSignal</c> (<c>SIGTERM</c> and so on) as a number; unknown names mean SIGTERM.</summary>
    public static int Parse(string? name) => name switch
    {
        "SIGINT" => Interrupt,
        "SIGQUIT" => Quit,
        "SIGKILL" => Kill,
        "SIGUSR1" => User1,
        "SIGUSR2" => User2,
        _ => Terminate,
    };

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendNative(int processId, int signal);
}
