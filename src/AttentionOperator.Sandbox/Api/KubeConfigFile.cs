using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace AttentionOperator.Sandbox.Api;

/// <summary>Writes the kubeconfig that clients of the Sandbox use.</summary>
internal static class KubeConfigFile
{
    public static string Render(Uri server, string? token, X509Certificate2? certificate)
    {
        var text = new StringBuilder();
        text.Append("apiVersion: v1\nkind: Config\nclusters:\n- name: sandbox\n  cluster:\n    server: ").Append(server.ToString().TrimEnd('/')).Append('\n');
        if (certificate is not null)
            text.Append("    certificate-authority-data: ").Append(Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()))).Append('\n');
        text.Append("contexts:\n- name: sandbox\n  context:\n    cluster: sandbox\n    namespace: default\n    user: sandbox\ncurrent-context: sandbox\nusers:\n- name: sandbox\n");
        // kubectl asks for a user name when it has no credential at all; a token does no harm where none is checked.
        text.Append("  user:\n    token: ").Append(token ?? "sandbox").Append('\n');
        return text.ToString();
    }
}
