using System.Text.Json.Nodes;

namespace AttentionOperator.Packaging.Tests.Manifests;

/// <summary>
/// The restricted profile of Kubernetes' Pod Security Standards (https://kubernetes.io/docs/concepts/security/pod-security-standards/), all
/// of its controls, and one of ours: a root file system that cannot be written.
/// </summary>
internal static class RestrictedProfile
{
    private static readonly string[] Volumes = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];

    private static readonly string[] SafeSysctls =
    [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
        "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes",
    ];

    /// <summary>What the pod does that the profile forbids; empty where it meets it.</summary>
    public static IReadOnlyList<string> Violations(JsonNode pod)
    {
        List<string> found = [];
        var context = pod["securityContext"];
        foreach (var field in (string[])["hostNetwork", "hostPID", "hostIPC"])
        {
            if (Is(pod[field], true))
            {
                found.Add($"{field} is true");
            }
        }

        foreach (var volume in Items(pod["volumes"]))
        {
            found.AddRange(volume.AsObject().Select(field => field.Key).Where(kind => kind != "name" && !Volumes.Contains(kind)).Select(kind => $"volume {volume["name"]} is a {kind}"));
        }

        found.AddRange(Items(context?["sysctls"]).Select(sysctl => (string)sysctl["name"]!).Where(name => !SafeSysctls.Contains(name)).Select(name => $"sysctl {name}"));
        foreach (var container in (IEnumerable<JsonNode>)[.. Items(pod["initContainers"]), .. Items(pod["containers"]), .. Items(pod["ephemeralContainers"])])
        {
            found.AddRange(OfContainer(container, context).Select(violation => $"container {container["name"]}: {violation}"));
        }

        return found;
    }

    private static IEnumerable<string> OfContainer(JsonNode container, JsonNode? pod)
    {
        var own = container["securityContext"];
        if (Is(own?["privileged"], true)) yield return "privileged";
        if (!Is(own?["allowPrivilegeEscalation"], false)) yield return "allowPrivilegeEscalation is not false";
        if (!Is(own?["readOnlyRootFilesystem"], true)) yield return "readOnlyRootFilesystem is not true";
        if (!Is(own?["runAsNonRoot"] ?? pod?["runAsNonRoot"], true)) yield return "runAsNonRoot is not true";
        if ((long?)(own?["runAsUser"] ?? pod?["runAsUser"]) is null or 0) yield return "runAsUser is root's or left to the image";
        if ((string?)(own?["seccompProfile"] ?? pod?["seccompProfile"])?["type"] is not ("RuntimeDefault" or "Localhost")) yield return "no seccomp profile";
        if (!Items(own?["capabilities"]?["drop"]).Any(capability => (string?)capability == "ALL")) yield return "capabilities are not dropped";
        foreach (var capability in Items(own?["capabilities"]?["add"]).Where(capability => (string?)capability != "NET_BIND_SERVICE")) yield return $"adds {capability}";
        foreach (var port in Items(container["ports"]).Where(port => (long?)port["hostPort"] is > 0)) yield return $"host port {port["hostPort"]}";
        if ((string?)own?["procMount"] is not (null or "Default")) yield return "procMount";
        if (own?["windowsOptions"]?["hostProcess"] is not null) yield return "hostProcess";
        if ((string?)(own?["appArmorProfile"] ?? pod?["appArmorProfile"])?["type"] == "Unconfined") yield return "AppArmor is off";
        if ((own?["seLinuxOptions"] ?? pod?["seLinuxOptions"]) is { } label && (label["user"] is not null || label["role"] is not null)) yield return "SELinux user or role";
    }

    private static bool Is(JsonNode? node, bool value) => node is JsonValue found && found.TryGetValue<bool>(out var actual) && actual == value;

    private static IEnumerable<JsonNode> Items(JsonNode? list) => list is JsonArray items ? items.OfType<JsonNode>() : [];
}
