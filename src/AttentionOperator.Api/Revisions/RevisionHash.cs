using System.Security.Cryptography;
using System.Text;
using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Api.Revisions;

/// <summary>
/// Identity of a revision: a short hash over the fields of the spec that reach its pods. Scaling, rollout, objectives and traffic are
/// not among them. The fields, their defaults and their text are fixed per version: an upgrade of the operator that learns
/// new fields adds a version, and revisions that exist keep the hash of theirs, so that no pod restarts.
/// </summary>
public static class RevisionHash
{
    /// <summary>Version that new revisions are hashed with.</summary>
    public const int CurrentVersion = 1;

    private const int Length = 8;

    // Kubernetes' alphabet for generated names: no vowels (no words), no digits that read as letters.
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    public static string Compute(AttentionModelSpec spec) => Compute(spec, CurrentVersion)!;

    /// <summary>The hash by the rules of a version; null for a version that this build does not know.</summary>
    public static string? Compute(AttentionModelSpec spec, int version)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return version switch
        {
            1 => Encode(RevisionFieldsV1.Of(spec)),
            _ => null,
        };
    }

    private static string Encode(string canonical)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(canonical));
        var number = BitConverter.ToUInt64(digest);
        return string.Create(Length, number, static (text, value) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = Alphabet[(int)(value % (ulong)Alphabet.Length)];
                value /= (ulong)Alphabet.Length;
            }
        });
    }
}
