using System.ComponentModel;
using System.Runtime.InteropServices;

namespace AttentionOperator.Runtime.Fetch;

/// <summary>A symbolic link to a directory.</summary>
internal static class DirectoryLink
{
    /// <summary>Points the link at the directory in one step, also where it pointed elsewhere. The link is relative, so that it holds where both are mounted elsewhere.</summary>
    /// <param name="link">Where the link is to be.</param>
    /// <param name="directory">Where it leads.</param>
    /// <exception cref="IOException">The link cannot be written.</exception>
    public static void Point(string link, string directory)
    {
        var full = Path.GetFullPath(link);
        var temporary = full + ".new-" + Guid.NewGuid().ToString("N");
        File.CreateSymbolicLink(temporary, Path.GetRelativePath(Path.GetDirectoryName(full)!, Path.GetFullPath(directory)));
        // The library's moves follow what is moved: File.Move finds no file at the end of this link, and Directory.Move replaces nothing.
        if (rename(temporary, full) == 0) return;
        var problem = new Win32Exception(Marshal.GetLastPInvokeError()).Message;
        File.Delete(temporary);
        throw new IOException($"Cannot link {full} to {directory}: {problem}");
    }

    [DllImport("libc", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int rename([MarshalAs(UnmanagedType.LPUTF8Str)] string oldpath, [MarshalAs(UnmanagedType.LPUTF8Str)] string newpath);
}
