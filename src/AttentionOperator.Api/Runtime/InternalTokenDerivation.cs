using System.Security.Cryptography;
using System.Text;

namespace AttentionOperator.Api.Runtime;

/// <summary>
/// The token that gateway and runtimes of one namespace share. It is derived from the root that operator and gateway share, so that whoever may read Secrets in one
/// namespace learns nothing that another namespace's runtimes would believe.
/// </summary>
public static class InternalTokenDerivation
{
    private const string Purpose = "attentionoperator.io/internal-token/v1/";

    /// <summary>HMAC-SHA256 (RFC 2104) of the purpose and the namespace under the root, as 64 lower-case hexadecimal digits.</summary>
    public static string Derive(string root, string ns)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        ArgumentException.ThrowIfNullOrEmpty(ns);
        return Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(root), Encoding.UTF8.GetBytes(Purpose + ns)));
    }
}
