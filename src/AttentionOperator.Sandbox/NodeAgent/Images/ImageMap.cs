namespace AttentionOperator.Sandbox.NodeAgent.Images;

/// <summary>
/// Which local command stands for which image. Names are compared without tag and digest: first as written, then by their last component, so that
/// <c>attention-runtime</c> stands for <c>ghcr.io/example/attention-runtime:1.2</c>.
/// </summary>
internal sealed class ImageMap
{
    private readonly Dictionary<string, IReadOnlyList<string>> _commands;

    public ImageMap(IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> commands)
    {
        _commands = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (name, command) in commands)
        {
            _commands[name] = command;
        }
    }

    /// <summary>The image's entry point, or null where nothing stands for it.</summary>
    public IReadOnlyList<string>? Find(string image)
    {
        if (_commands.TryGetValue(image, out var exact))
        {
            return exact;
        }

        var repository = Repository(image);
        return _commands.TryGetValue(repository, out var command)
            ? command
            : _commands.GetValueOrDefault(repository[(repository.LastIndexOf('/') + 1)..]);
    }

    /// <summary>
    /// What a container executes: <c>command</c> replaces the image's entry point and <c>args</c> its arguments. A command that names the
    /// entry point's program by its path in the image means the program that stands for it here.
    /// </summary>
    public static IReadOnlyList<string> CommandLine(IReadOnlyList<string> entryPoint, IReadOnlyList<string> command, IReadOnlyList<string> arguments)
    {
        if (command.Count == 0)
        {
            return [.. entryPoint, .. arguments];
        }

        var program = Path.GetFileNameWithoutExtension(command[0]);
        var stand = entryPoint.FirstOrDefault(part => Path.GetFileNameWithoutExtension(part) == program);
        return stand is null ? [.. command, .. arguments] : [.. entryPoint, .. command.Skip(1), .. arguments];
    }

    private static string Repository(string image)
    {
        var digest = image.IndexOf('@', StringComparison.Ordinal);
        var name = digest < 0 ? image : image[..digest];
        var tag = name.LastIndexOf(':');
        return tag > name.LastIndexOf('/') ? name[..tag] : name;
    }
}
