using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Builtins;

/// <summary>Checks of containers: names, images, ports, environment, mounts, resources.</summary>
internal static class ContainerValidation
{
    public static void Validate(JsonArray? containers, string path, HashSet<string> volumes, HashSet<string> names, List<FieldError> errors)
    {
        var index = 0;
        foreach (var container in containers.Objects())
        {
            var at = $"{path}[{index++}]";
            var name = container.Text("name") ?? "";
            if (name.Length == 0) errors.Add(FieldError.Required($"{at}.name"));
            else if (!NameRules.IsLabel(name)) errors.Add(FieldError.Invalid($"{at}.name", name, NameRules.LabelMessage));
            else if (!names.Add(name)) errors.Add(FieldError.Duplicate($"{at}.name", name));
            if (string.IsNullOrEmpty(container.Text("image"))) errors.Add(FieldError.Required($"{at}.image"));
            ValidatePorts(container.Array("ports"), $"{at}.ports", errors);
            ValidateMounts(container.Array("volumeMounts"), $"{at}.volumeMounts", volumes, errors);
            ValidateResources(container.Object("resources"), $"{at}.resources", errors);
        }
    }

    private static void ValidatePorts(JsonArray? ports, string path, List<FieldError> errors)
    {
        var index = 0;
        foreach (var port in ports.Objects())
        {
            var at = $"{path}[{index++}]";
            var number = port.Integer("containerPort");
            if (number is null or 0) errors.Add(FieldError.Required($"{at}.containerPort"));
            else if (number is < 1 or > 65535) errors.Add(FieldError.Invalid($"{at}.containerPort", number, "must be between 1 and 65535, inclusive"));
            if (port.Text("protocol") is { } protocol and not ("TCP" or "UDP" or "SCTP"))
                errors.Add(FieldError.NotSupported($"{at}.protocol", protocol, ["SCTP", "TCP", "UDP"]));
            if (port.Text("name") is { Length: > 15 } name)
                errors.Add(FieldError.Invalid($"{at}.name", name, "must be no more than 15 characters"));
        }
    }

    private static void ValidateMounts(JsonArray? mounts, string path, HashSet<string> volumes, List<FieldError> errors)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var mount in mounts.Objects())
        {
            var at = $"{path}[{index++}]";
            var name = mount.Text("name") ?? "";
            if (name.Length == 0) errors.Add(FieldError.Required($"{at}.name"));
            else if (!volumes.Contains(name)) errors.Add(new FieldError($"{at}.name", "FieldValueNotFound", $"Not found: \"{name}\""));
            if (mount.Text("mountPath") is not { Length: > 0 } mountPath) errors.Add(FieldError.Required($"{at}.mountPath"));
            else if (!paths.Add(mountPath)) errors.Add(FieldError.Invalid($"{at}.mountPath", mountPath, "must be unique"));
        }
    }

    private static void ValidateResources(JsonObject? resources, string path, List<FieldError> errors)
    {
        foreach (var list in (string[])["limits", "requests"])
        {
            foreach (var (name, amount) in resources.Object(list) ?? [])
            {
                var text = amount.AsText() ?? JsonFormat.ToText(amount);
                if (!Quantity.TryParse(text, out var value))
                    errors.Add(FieldError.Invalid($"{path}.{list}[{name}]", text, "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"));
                else if (value < 0)
                    errors.Add(FieldError.Invalid($"{path}.{list}[{name}]", text, "must be greater than or equal to 0"));
            }
        }

        foreach (var (name, amount) in resources.Object("requests") ?? [])
        {
            var limit = resources.Object("limits")?[name];
            if (limit is null)
            {
                if (name.Contains('/', StringComparison.Ordinal) && !name.StartsWith("requests.", StringComparison.Ordinal) && !name.StartsWith("kubernetes.io/", StringComparison.Ordinal))
                    errors.Add(FieldError.Required($"{path}.limits", "Limit must be set for non overcommitable resources"));
                continue;
            }

            if (!Quantity.TryParse(Text(amount), out var request) || !Quantity.TryParse(Text(limit), out var most)) continue;
            if (name.Contains('/', StringComparison.Ordinal) && request != most)
                errors.Add(FieldError.Invalid($"{path}.requests", Text(amount), $"must be equal to {name} limit of {Text(limit)}"));
            else if (request > most)
                errors.Add(FieldError.Invalid($"{path}.requests", Text(amount), $"must be less than or equal to {name} limit of {Text(limit)}"));
        }
    }

    private static string Text(JsonNode? amount) => amount.AsText() ?? JsonFormat.ToText(amount);
}
