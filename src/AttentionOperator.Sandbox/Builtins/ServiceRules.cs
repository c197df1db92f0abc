using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Builtins;

/// <summary>Services. Cluster addresses come from 10.96.0.0/12 but nothing listens there: the Sandbox has no service proxy.</summary>
internal sealed class ServiceRules : IKindRules
{
    private static readonly string[] Types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    private static int _nextAddress = 10;
    private static int _nextNodePort = 30000;

    public void Default(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        spec.Default("type", "ClusterIP");
        spec.Default("sessionAffinity", "None");
        if (spec.Text("type") == "ExternalName") return;
        spec.Default("internalTrafficPolicy", "Cluster");
        if (spec.Text("type") is "NodePort" or "LoadBalancer") spec.Default("externalTrafficPolicy", "Cluster");
        if (spec.Text("type") == "LoadBalancer") spec.Default("allocateLoadBalancerNodePorts", true);
        foreach (var port in spec.Array("ports").Objects())
        {
            port.Default("protocol", "TCP");
            if (port["targetPort"] is null || port.Integer("targetPort") == 0) port["targetPort"] = port["port"]?.DeepClone();
        }
    }

    public void PrepareForCreate(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        obj["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };
        if (spec.Text("type") == "ExternalName") return;
        Allocate(spec);
    }

    public void PrepareForUpdate(JsonObject obj, JsonObject live)
    {
        var spec = obj.Ensure("spec");
        if (spec.Text("type") == "ExternalName")
        {
            spec.Remove("clusterIP");
            spec.Remove("clusterIPs");
            return;
        }

        foreach (var name in (string[])["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
        {
            if (spec[name] is null && live.At("spec", name) is { } value) spec[name] = value.DeepClone();
        }

        Allocate(spec);
    }

    public void Validate(JsonObject obj, JsonObject? live, List<FieldError> errors)
    {
        var spec = obj.Ensure("spec");
        var type = spec.Text("type") ?? "";
        if (!Types.Contains(type)) errors.Add(FieldError.NotSupported("spec.type", type, Types));
        var headless = spec.Text("clusterIP") == "None";
        var ports = spec.Array("ports").Objects().ToList();
        if (ports.Count == 0 && !headless && type != "ExternalName") errors.Add(FieldError.Required("spec.ports"));
        if (type == "ExternalName" && string.IsNullOrEmpty(spec.Text("externalName"))) errors.Add(FieldError.Required("spec.externalName"));
        ValidatePorts(ports, errors);
        if (live is null) return;
        var before = live.At("spec", "clusterIP").AsText();
        if (!string.IsNullOrEmpty(before) && type != "ExternalName" && spec.Text("clusterIP") != before)
        {
            errors.Add(FieldError.Invalid("spec.clusterIPs[0]", spec.Array("clusterIPs")?.DeepClone(), "may not change once set"));
        }
    }

    private static void ValidatePorts(List<JsonObject> ports, List<FieldError> errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var used = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < ports.Count; i++)
        {
            var at = $"spec.ports[{i}]";
            var number = ports[i].Integer("port");
            if (number is null or < 1 or > 65535) errors.Add(FieldError.Invalid($"{at}.port", number ?? 0, "must be between 1 and 65535, inclusive"));
            var name = ports[i].Text("name") ?? "";
            if (name.Length == 0 && ports.Count > 1) errors.Add(FieldError.Required($"{at}.name"));
            else if (name.Length > 0 && !names.Add(name)) errors.Add(FieldError.Duplicate($"{at}.name", name));
            else if (name.Length > 0 && !NameRules.IsLabel(name)) errors.Add(FieldError.Invalid($"{at}.name", name, NameRules.LabelMessage));
            if (!used.Add($"{number}/{ports[i].Text("protocol")}"))
                errors.Add(FieldError.Duplicate(at, new JsonObject { ["port"] = number, ["protocol"] = ports[i].Text("protocol") }));
            if (ports[i].Integer("targetPort") is < 1 or > 65535) errors.Add(FieldError.Invalid($"{at}.targetPort", ports[i]["targetPort"], "must be between 1 and 65535, inclusive"));
        }
    }

    private static void Allocate(JsonObject spec)
    {
        if (spec.Text("clusterIP") is null or "")
        {
            var n = Interlocked.Increment(ref _nextAddress);
            spec["clusterIP"] = $"10.{96 + ((n >> 16) & 15)}.{(n >> 8) & 255}.{n & 255}";
        }

        spec["clusterIPs"] = new JsonArray(spec.Text("clusterIP"));
        spec.Default("ipFamilies", new JsonArray("IPv4"));
        spec.Default("ipFamilyPolicy", "SingleStack");
        if (spec.Text("type") is not ("NodePort" or "LoadBalancer")) return;
        foreach (var port in spec.Array("ports").Objects())
        {
            if (port.Integer("nodePort") is null or 0) port["nodePort"] = 30000 + (Interlocked.Increment(ref _nextNodePort) % 2768);
        }
    }
}
