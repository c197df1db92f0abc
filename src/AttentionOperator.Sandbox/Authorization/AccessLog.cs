using System.Collections.Concurrent;

namespace AttentionOperator.Sandbox.Authorization;

/// <summary>
/// Notes which verbs each program used on which resources, one line per distinct use: program, verb, group, resource, namespaced or not, name where a rule could narrow it. Switched on by the environment variable
/// <c>SANDBOX_ACCESS_LOG</c>, a directory, to which each process adds a file; what is in it can be compared with roles.
/// </summary>
internal sealed class AccessLog
{
    private readonly string path;
    private readonly ConcurrentDictionary<string, bool> seen = new(StringComparer.Ordinal);
    private readonly Lock writing = new();

    private AccessLog(string directory) => path = Path.Combine(Directory.CreateDirectory(directory).FullName, $"{Environment.ProcessId}.log");

    /// <summary>The process's log; null where none is asked for.</summary>
    public static AccessLog? Current { get; } = Environment.GetEnvironmentVariable("SANDBOX_ACCESS_LOG") is { Length: > 0 } directory ? new AccessLog(directory) : null;

    public void Note(string program, AccessQuestion question)
    {
        var line = string.Join('\t', program, question.Verb, question.Group, question.FullResource, question.Namespace.Length > 0 ? "namespaced" : "cluster", question.Verb == "create" ? "" : question.Name);
        // Names of models are many and no rule has them.
        if (question.Group is "attentionoperator.io" or "apps" or "discovery.k8s.io") line = line[..(line.LastIndexOf('\t') + 1)];
        if (!seen.TryAdd(line, true)) return;
        lock (writing) File.AppendAllText(path, line + "\n");
    }
}
