using System.Text.RegularExpressions;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>A parsed <c>model.uri</c> or <c>tokenizer.uri</c>.</summary>
public sealed partial record ArtifactUri
{
    internal const string SchemeRule = "self.matches('^(pvc://[a-z0-9]([-a-z0-9.]*[a-z0-9])?(/[^?#]*)?|file:///[^?#]+)$')";
    internal const string SchemeMessage = "must be pvc://<claim>/<path> or file:///<path>";
    internal const string SegmentRule = "!self.matches('/[.][.]?(/|$)')";
    internal const string SegmentMessage = "must not contain the segments . or ..; write the plain path";
    internal const string DigestPattern = "^sha256:[0-9a-f]{64}$";

    private ArtifactUri(ArtifactScheme scheme, string claim, string path)
    {
        Scheme = scheme;
        Claim = claim;
        Path = path;
    }

    public ArtifactScheme Scheme { get; }

    /// <summary>Name of the PersistentVolumeClaim; empty for other schemes.</summary>
    public string Claim { get; }

    /// <summary>
    /// <c>pvc</c>: path within the claim without a leading slash, empty for the claim's root.
    /// <c>file</c>: absolute path on the node. Never ends with a slash.
    /// </summary>
    public string Path { get; }

    /// <summary>Parses a uri; on failure <paramref name="error"/> says what was expected (without the field's name).</summary>
    public static bool TryParse(string? uri, out ArtifactUri? parsed, out string? error)
    {
        parsed = null;
        var match = Form().Match(uri ?? "");
        if (!match.Success)
        {
            error = SchemeMessage;
            return false;
        }

        if (DotSegment().IsMatch(uri!))
        {
            error = SegmentMessage;
            return false;
        }

        error = null;
        parsed = match.Groups["claim"].Success
            ? new ArtifactUri(ArtifactScheme.Pvc, match.Groups["claim"].Value, match.Groups["sub"].Value.Trim('/'))
            : new ArtifactUri(ArtifactScheme.File, "", match.Groups["path"].Value.TrimEnd('/'));
        if (parsed is { Scheme: ArtifactScheme.File, Path: "" })
        {
            parsed = null;
            error = SchemeMessage;
            return false;
        }

        return true;
    }

    [GeneratedRegex(@"\A(pvc://(?<claim>[a-z0-9]([-a-z0-9.]*[a-z0-9])?)(?<sub>/[^?#]*)?|file://(?<path>/[^?#]+))\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();

    [GeneratedRegex(@"/\.\.?(/|\z)", RegexOptions.ExplicitCapture)]
    private static partial Regex DotSegment();
}
