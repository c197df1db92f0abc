using System.Text.RegularExpressions;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>A parsed <c>model.uri</c> or <c>tokenizer.uri</c>.</summary>
public sealed partial record ArtifactUri
{
    // Text that RE2 (of the schema's rule) and .NET read alike. No user information in an address: credentials come from model.secretRef.
    private const string Claims = "pvc://[a-z0-9]([-a-z0-9.]*[a-z0-9])?(/[^?#]*)?";
    private const string Files = "file:///[^?#]+";
    private const string Addresses = "https://[A-Za-z0-9.-]+(:[0-9]+)?/[^?# ]*";
    private const string Buckets = "s3://[a-z0-9][a-z0-9.-]+(/[^?# ]*)?";
    private const string Hubs = "hf://[A-Za-z0-9._-]+/[A-Za-z0-9._-]+(@[A-Za-z0-9._/-]+)?/?";
    private const string Images = "oci://[A-Za-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+(:[A-Za-z0-9_][A-Za-z0-9._-]*)?(@sha256:[0-9a-f]{64})?";
    internal const string SchemeRule = "self.matches('^(" + Claims + "|" + Files + "|" + Addresses + "|" + Buckets + "|" + Hubs + "|" + Images + ")$')";
    internal const string SchemeMessage = "must be pvc://<claim>/<path>, https://<host>/<path>, s3://<bucket>/<prefix>, hf://<organisation>/<model>@<revision>, oci://<image> or file:///<path>";
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
    /// <c>file</c>: absolute path on the node. Others: what follows the scheme. Never ends with a slash.
    /// </summary>
    public string Path { get; }

    /// <summary>Whether a pod downloads it before it serves; else it is mounted.</summary>
    public bool IsFetched => Scheme is ArtifactScheme.Https or ArtifactScheme.S3 or ArtifactScheme.Hub;

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
        var rest = match.Groups["rest"].Value.TrimEnd('/');
        parsed = match.Groups["scheme"].Value switch
        {
            "pvc" => new ArtifactUri(ArtifactScheme.Pvc, match.Groups["claim"].Value, match.Groups["sub"].Value.Trim('/')),
            "file" => new ArtifactUri(ArtifactScheme.File, "", rest),
            "https" => new ArtifactUri(ArtifactScheme.Https, "", rest),
            "s3" => new ArtifactUri(ArtifactScheme.S3, "", rest),
            "hf" => new ArtifactUri(ArtifactScheme.Hub, "", rest),
            _ => new ArtifactUri(ArtifactScheme.Oci, "", rest),
        };
        if (parsed is { Scheme: ArtifactScheme.File, Path: "" })
        {
            parsed = null;
            error = SchemeMessage;
            return false;
        }

        return true;
    }

    // The parts of what the rule admits: the same alternatives, taken apart.
    [GeneratedRegex(@"\A(?=(" + Claims + "|" + Files + "|" + Addresses + "|" + Buckets + "|" + Hubs + "|" + Images + @")\z)(?<scheme>[a-z0-9]+)://(?<rest>(?<claim>[^/]*)(?<sub>/.*)?)\z", RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Form();

    [GeneratedRegex(@"/\.\.?(/|\z)", RegexOptions.ExplicitCapture)]
    private static partial Regex DotSegment();
}
