using System.ComponentModel;
using System.Runtime.InteropServices;

namespace AttentionOperator.Sandbox.NodeAgent.Volumes;

/// <summary>rename(2): <see cref="File.Move(string, string)"/> looks through a link and takes one to a directory for no file.</summary>
internal static partial class AtomicRename
{
    /// <exception cref="Win32Exception">The kernel refused.</exception>
    public static void Replace(string source, string destination)
    {
        if (Rename(source, destination) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"'{source}' cannot be renamed to '{destination}'");
        }
    }

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Rename(string source, string destination);
}
