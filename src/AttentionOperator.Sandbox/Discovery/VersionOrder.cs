using System.Globalization;
using System.Text.RegularExpressions;

namespace AttentionOperator.Sandbox.Discovery;

/// <summary>Kubernetes version priority, highest first: v10, v2, v1, v11beta2, v10beta3, v3beta1, v12alpha1, then other names.</summary>
internal sealed partial class VersionOrder : IComparer<string>
{
    public static VersionOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var a = Rank(x ?? "");
        var b = Rank(y ?? "");
        if (a is null || b is null) return a is null && b is null ? string.CompareOrdinal(x, y) : a is null ? 1 : -1;
        return Comparer<(int, int, int)>.Default.Compare(b.Value, a.Value);
    }

    private static (int Stability, int Major, int Minor)? Rank(string version)
    {
        var match = KubeVersion().Match(version);
        if (!match.Success) return null;
        var stability = match.Groups[2].Value switch { "alpha" => 0, "beta" => 1, _ => 2 };
        return (stability, Number(match.Groups[1]), match.Groups[3].Success ? Number(match.Groups[3]) : 0);
    }

    private static int Number(Group group) => int.Parse(group.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^v([1-9]\d{0,6})(?:(alpha|beta)([1-9]\d{0,6}))?$")]
    private static partial Regex KubeVersion();
}
