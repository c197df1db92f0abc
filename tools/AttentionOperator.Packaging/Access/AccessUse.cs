namespace AttentionOperator.Packaging.Access;

/// <summary>A verb that a program used on a resource.</summary>
internal sealed record AccessUse(string Program, string Verb, string Group, string Resource, bool Namespaced, string Name)
{
    /// <summary>Reads a line of the Sandbox's access log.</summary>
    public static AccessUse Parse(string line)
    {
        var parts = line.Split('\t');
        return new AccessUse(parts[0], parts[1], parts[2], parts[3], parts[4] == "namespaced", parts[5]);
    }

    public override string ToString() => $"{Verb} {(Group.Length == 0 ? Resource : $"{Resource}.{Group}")}{(Name.Length == 0 ? "" : $" {Name}")}{(Namespaced ? "" : " (cluster-wide)")}";
}
