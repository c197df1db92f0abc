namespace AttentionOperator.Sandbox.Api;

/// <summary>What a request path asks for, in the terms of the Kubernetes API.</summary>
internal sealed record RequestInfo(string Group, string Version, string? Namespace, string Resource, string? Name, string? Subresource, string Rest, bool WatchPath)
{
    /// <summary>Parses <c>/api/v1/...</c> and <c>/apis/group/version/...</c> below the version; null for anything else.</summary>
    public static RequestInfo? Parse(string path)
    {
        var parts = path.Trim('/').Split('/');
        int at;
        string group, version;
        if (parts is ["api", _, _, ..]) (group, version, at) = ("", parts[1], 2);
        else if (parts is ["apis", _, _, _, ..]) (group, version, at) = (parts[1], parts[2], 3);
        else return null;

        var watch = false;
        if (parts[at] == "watch" && parts.Length > at + 1)
        {
            watch = true;
            at++;
        }

        string? ns = null;
        if (parts[at] == "namespaces" && parts.Length > at + 2 && !(group.Length == 0 && parts[at + 2] is "status" or "finalize"))
        {
            ns = Uri.UnescapeDataString(parts[at + 1]);
            at += 2;
        }

        var rest = parts.AsSpan(at);
        return new RequestInfo(group, version, ns, rest[0],
            rest.Length > 1 ? Uri.UnescapeDataString(rest[1]) : null,
            rest.Length > 2 ? rest[2] : null,
            rest.Length > 3 ? string.Join('/', rest[3..].ToArray()) : "",
            watch);
    }
}
