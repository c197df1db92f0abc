using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Builtins;

internal sealed class SecretRules : IKindRules
{
    public void Default(JsonObject obj)
    {
        obj.Default("type", "Opaque");
        if (obj.Object("stringData") is not { } texts) return;
        foreach (var (name, value) in texts)
            obj.Ensure("data")[name] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value.AsText() ?? ""));
        obj.Remove("stringData");
    }

    public void Validate(JsonObject obj, JsonObject? live, List<FieldError> errors)
    {
        ConfigMapRules.ValidateKeys(obj.Object("data"), "data", errors);
        ConfigMapRules.ValidateImmutable(obj, live, "data", errors);
        if (obj.Text("type") == "kubernetes.io/tls")
        {
            foreach (var key in (string[])["tls.crt", "tls.key"])
            {
                if (obj.Object("data")?[key] is null) errors.Add(FieldError.Required($"data[{key}]"));
            }
        }

        if (live is not null && live.Text("type") != obj.Text("type")) errors.Add(FieldError.Invalid("type", obj["type"], "field is immutable"));
    }
}
