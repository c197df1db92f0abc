using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Operations;

namespace AttentionOperator.Sandbox.Builtins;

/// <summary>Defaults and checks of pod specs, shared by pods and the templates of workloads.</summary>
internal static class PodTemplates
{
    private static readonly string[] RestartPolicies = ["Always", "OnFailure", "Never"];
    private static readonly string[] PullPolicies = ["Always", "IfNotPresent", "Never"];

    public static void DefaultTemplate(JsonObject template)
    {
        var meta = template.Ensure("metadata");
        if (!meta.ContainsKey("creationTimestamp")) meta.Remove("creationTimestamp");
        DefaultSpec(template.Ensure("spec"));
    }

    public static void DefaultSpec(JsonObject spec)
    {
        spec.Default("restartPolicy", "Always");
        spec.Default("dnsPolicy", "ClusterFirst");
        spec.Default("schedulerName", "default-scheduler");
        spec.Default("terminationGracePeriodSeconds", 30);
        spec.Default("securityContext", new JsonObject());
        if (spec.Text("serviceAccountName") is null or "" && spec.Text("serviceAccount") is { Length: > 0 } account) spec["serviceAccountName"] = account;
        if (spec.Text("serviceAccountName") is { Length: > 0 } named) spec["serviceAccount"] = named;
        foreach (var container in spec.Array("containers").Objects().Concat(spec.Array("initContainers").Objects())) DefaultContainer(container);
        foreach (var volume in spec.Array("volumes").Objects()) DefaultVolume(volume);
    }

    public static void ValidateTemplate(JsonObject? template, JsonObject? selector, string path, List<FieldError> errors)
    {
        if (template is null)
        {
            errors.Add(FieldError.Required(path));
            return;
        }

        MetadataRules.ValidateLabels(template.Object("metadata").Object("labels"), $"{path}.metadata.labels", errors);
        if (selector is not null && !LabelSelectors.Matches(selector, template.Object("metadata").Object("labels")))
        {
            errors.Add(FieldError.Invalid($"{path}.metadata.labels", template.At("metadata", "labels"),
                "`selector` does not match template `labels`"));
        }

        ValidateSpec(template.Ensure("spec"), $"{path}.spec", errors);
    }

    public static void ValidateSpec(JsonObject spec, string path, List<FieldError> errors)
    {
        if (spec.Array("containers") is not { Count: > 0 }) errors.Add(FieldError.Required($"{path}.containers"));
        var volumes = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var volume in spec.Array("volumes").Objects())
        {
            var name = volume.Text("name") ?? "";
            var at = $"{path}.volumes[{index++}].name";
            if (name.Length == 0) errors.Add(FieldError.Required(at));
            else if (!NameRules.IsLabel(name)) errors.Add(FieldError.Invalid(at, name, NameRules.LabelMessage));
            else if (!volumes.Add(name)) errors.Add(FieldError.Duplicate(at, name));
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        ContainerValidation.Validate(spec.Array("initContainers"), $"{path}.initContainers", volumes, names, errors);
        ContainerValidation.Validate(spec.Array("containers"), $"{path}.containers", volumes, names, errors);
        if (spec.Text("restartPolicy") is { } policy && !RestartPolicies.Contains(policy))
            errors.Add(FieldError.NotSupported($"{path}.restartPolicy", policy, RestartPolicies));
        if (spec.Integer("terminationGracePeriodSeconds") is < 0 and var grace)
            errors.Add(FieldError.Invalid($"{path}.terminationGracePeriodSeconds", grace, "must be greater than or equal to 0"));
        foreach (var container in spec.Array("containers").Objects())
        {
            if (container.Text("imagePullPolicy") is { } pull && !PullPolicies.Contains(pull))
                errors.Add(FieldError.NotSupported($"{path}.containers[0].imagePullPolicy", pull, PullPolicies));
        }
    }

    public static string QualityOfService(JsonObject spec)
    {
        var containers = spec.Array("containers").Objects().Concat(spec.Array("initContainers").Objects()).ToList();
        var any = false;
        var guaranteed = true;
        foreach (var container in containers)
        {
            var limits = container.Object("resources").Object("limits");
            var requests = container.Object("resources").Object("requests");
            any |= Has(limits, "cpu") || Has(limits, "memory") || Has(requests, "cpu") || Has(requests, "memory");
            guaranteed &= Has(limits, "cpu") && Has(limits, "memory")
                && (requests is null || (JsonNode.DeepEquals(requests["cpu"] ?? limits!["cpu"], limits!["cpu"]) && JsonNode.DeepEquals(requests["memory"] ?? limits["memory"], limits["memory"])));
        }

        return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
    }

    private static bool Has(JsonObject? amounts, string name) => amounts?[name] is not null;

    private static void DefaultContainer(JsonObject container)
    {
        container.Default("terminationMessagePath", "/dev/termination-log");
        container.Default("terminationMessagePolicy", "File");
        container.Default("resources", new JsonObject());
        if (container["imagePullPolicy"] is null)
        {
            var image = container.Text("image") ?? "";
            var tag = image.Contains('@', StringComparison.Ordinal) ? "digest" : image[(image.LastIndexOf('/') + 1)..].Split(':') is [_, var t] ? t : "latest";
            container["imagePullPolicy"] = tag == "latest" ? "Always" : "IfNotPresent";
        }

        foreach (var port in container.Array("ports").Objects()) port.Default("protocol", "TCP");
        foreach (var name in (string[])["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container.Object(name) is { } probe) DefaultProbe(probe);
        }

        foreach (var name in (string[])["postStart", "preStop"])
        {
            if (container.Object("lifecycle").Object(name).Object("httpGet") is { } get) DefaultHttpGet(get);
        }

        foreach (var env in container.Array("env").Objects())
        {
            if (env.Object("valueFrom").Object("fieldRef") is { } field) field.Default("apiVersion", "v1");
        }

        if (container.Object("resources").Object("limits") is { } limits)
        {
            var requests = container.Object("resources")!.Ensure("requests");
            foreach (var (name, amount) in limits) requests.Default(name, amount?.DeepClone());
        }
    }

    private static void DefaultProbe(JsonObject probe)
    {
        probe.Default("timeoutSeconds", 1);
        probe.Default("periodSeconds", 10);
        probe.Default("successThreshold", 1);
        probe.Default("failureThreshold", 3);
        if (probe.Object("httpGet") is { } get) DefaultHttpGet(get);
        if (probe.Object("grpc") is { } grpc) grpc.Default("service", "");
    }

    private static void DefaultHttpGet(JsonObject get)
    {
        get.Default("path", "/");
        get.Default("scheme", "HTTP");
    }

    private static void DefaultVolume(JsonObject volume)
    {
        if (volume.Object("configMap") is { } configMap) configMap.Default("defaultMode", 420);
        if (volume.Object("secret") is { } secret) secret.Default("defaultMode", 420);
        if (volume.Object("downwardAPI") is { } downward)
        {
            downward.Default("defaultMode", 420);
            foreach (var item in downward.Array("items").Objects()) item.Object("fieldRef")?.Default("apiVersion", "v1");
        }

        if (volume.Object("projected") is { } projected)
        {
            projected.Default("defaultMode", 420);
            foreach (var source in projected.Array("sources").Objects())
            {
                source.Object("serviceAccountToken")?.Default("expirationSeconds", 3600);
                foreach (var item in source.Object("downwardAPI").Array("items").Objects()) item.Object("fieldRef")?.Default("apiVersion", "v1");
            }
        }

        if (volume.Object("hostPath") is { } hostPath) hostPath.Default("type", "");
        if (volume.Count == 1) volume["emptyDir"] = new JsonObject();
    }
}
