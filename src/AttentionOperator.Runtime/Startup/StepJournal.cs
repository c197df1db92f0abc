using System.Globalization;
using System.Text.Unicode;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Inference.Engine;
using Microsoft.Win32.SafeHandles;

namespace AttentionOperator.Runtime.Startup;

/// <summary>
/// Keeps the step that is computed at the termination message's path, as <see cref="LastStep"/>: the kernel gives a process that it ends for its memory no time to say what it did, and Kubernetes
/// reads the file whatever the end was. Written on the engine's thread, one short write per step, without allocating.
/// </summary>
internal sealed class StepJournal : IDisposable
{
    // Shorter lines are padded, so that nothing of a longer one is left behind.
    private readonly byte[] line = new byte[96];
    private SafeFileHandle? file;

    private StepJournal(SafeFileHandle? file) => this.file = file;

    /// <summary>Opens the file; outside of a pod there is none, and nothing is kept.</summary>
    public static StepJournal Open(string path)
    {
        try
        {
            return new StepJournal(File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new StepJournal(null);
        }
    }

    public void Begin(StepOutline step)
    {
        if (file is null)
        {
            return;
        }

        Array.Fill(line, (byte)' ');
        if (!Utf8.TryWrite(line, CultureInfo.InvariantCulture, $"{{\"step\":{{\"tokens\":{step.Tokens},\"sequences\":{step.Sequences},\"longest\":{step.Longest}}}}}", out _))
        {
            return;
        }

        try
        {
            RandomAccess.Write(file, line, 0);
        }
        catch (IOException)
        {
            Dispose(); // A full disk must not end the serving.
        }
    }

    /// <summary>Forgets the step: the engine has ended, and what is to be said of it is said otherwise.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref file, null) is { } open)
        {
            try
            {
                RandomAccess.SetLength(open, 0);
            }
            catch (IOException)
            {
                // What is left there says nothing of an orderly end.
            }

            open.Dispose();
        }
    }
}
