using System.Text;
using AttentionOperator.Sandbox.NodeAgent.Volumes;

namespace AttentionOperator.Sandbox.Tests.NodeAgent;

public sealed class AtomicDirectoryTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("atomic-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Write_ReplacesAllFilesThroughOneLink()
    {
        Assert.True(Write(("a", "1"), ("dir/b", "2")));
        Assert.Equal("1", Read("a"));
        Assert.Equal("2", Read("dir/b"));
        var target = new FileInfo(Path.Combine(_directory, "a")).LinkTarget;

        Assert.True(Write(("a", "3"), ("c", "4")));

        Assert.Equal("3", Read("a"));
        Assert.Equal("4", Read("c"));
        Assert.False(Path.Exists(Path.Combine(_directory, "dir")));
        Assert.Equal(target, new FileInfo(Path.Combine(_directory, "a")).LinkTarget);
        Assert.Single(Directory.GetDirectories(_directory, "..2*"));
    }

    [Fact]
    public void Write_OfTheSameContent_ChangesNothing()
    {
        Write(("a", "1"));

        Assert.False(Write(("a", "1")));
    }

    private bool Write(params (string Path, string Text)[] files) =>
        AtomicDirectory.Write(_directory, files.ToDictionary(f => f.Path, f => Encoding.UTF8.GetBytes(f.Text)), TimeProvider.System);

    private string Read(string path) => File.ReadAllText(Path.Combine(_directory, path));
}
