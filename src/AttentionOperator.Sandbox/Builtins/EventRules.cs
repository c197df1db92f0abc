using System.Globalization;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Operations;

namespace AttentionOperator.Sandbox.Builtins;

/// <summary>
/// What an Event must be: lenient where it has no <c>eventTime</c>, as events of old clients have none; strict where it is written as <c>events.k8s.io/v1</c>.
/// Errors name the fields of the internal form, whichever form was sent.
/// </summary>
internal sealed class EventRules : IKindRules
{
    private const int ShortText = 128;
    private const int Note = 1024;
    private static readonly string[] Immutable = ["involvedObject", "reason", "message", "source", "firstTimestamp", "lastTimestamp", "count", "type", "eventTime", "action", "related", "reportingComponent", "reportingInstance"];

    public void Validate(JsonObject obj, JsonObject? live, List<FieldError> errors)
    {
        var strict = obj.Text("apiVersion") != "v1";
        var core = strict ? EventForms.ToCore(obj) : obj;
        if (string.IsNullOrEmpty(core.Text("eventTime"))) ValidateOld(core, errors);
        else ValidateNew(core, errors);
        if (!strict) return;
        if (live is null) ValidateCreate(core, errors);
        else ValidateUpdate(core, EventForms.ToCore(live), errors);
    }

    private static void ValidateOld(JsonObject core, List<FieldError> errors)
    {
        var about = core.Object("involvedObject").Text("namespace") ?? "";
        var agrees = about.Length == 0 ? core.Namespace() is null or "" or "default" : about == core.Namespace();
        if (!agrees) errors.Add(Mismatch(about));
    }

    private static void ValidateNew(JsonObject core, List<FieldError> errors)
    {
        var about = core.Object("involvedObject").Text("namespace") ?? "";
        if (about.Length == 0 && core.Namespace() is not ("default" or "kube-system")) errors.Add(Mismatch(about));
        var controller = core.Text("reportingComponent") ?? "";
        if (controller.Length == 0) errors.Add(FieldError.Required("reportingController"));
        if (!NameRules.IsQualifiedName(controller)) errors.Add(FieldError.Invalid("reportingController", controller, NameRules.QualifiedNameMessage));
        Bounded(core, "reportingInstance", ShortText, required: true, errors);
        Bounded(core, "action", ShortText, required: true, errors);
        Bounded(core, "reason", ShortText, required: true, errors);
        Bounded(core, "message", Note, required: false, errors);
    }

    private static void ValidateCreate(JsonObject core, List<FieldError> errors)
    {
        ValidateSeries(core, errors);
        if (string.IsNullOrEmpty(core.Text("eventTime"))) errors.Add(FieldError.Required("eventTime"));
        if (core.Text("type") is not ("Normal" or "Warning")) errors.Add(FieldError.Invalid("type", "", $"has invalid value: {core.Text("type")}"));
        foreach (var old in (string[])["firstTimestamp", "lastTimestamp"])
        {
            if (!string.IsNullOrEmpty(core.Text(old))) errors.Add(Unset(old));
        }

        if (core.Integer("count") is not (null or 0)) errors.Add(Unset("count"));
        if (!string.IsNullOrEmpty(core.Object("source").Text("component")) || !string.IsNullOrEmpty(core.Object("source").Text("host"))) errors.Add(Unset("source"));
    }

    private static void ValidateUpdate(JsonObject core, JsonObject live, List<FieldError> errors)
    {
        if (!JsonNode.DeepEquals(core["series"], live["series"])) ValidateSeries(core, errors);
        foreach (var field in Immutable)
        {
            if (!JsonNode.DeepEquals(core[field], live[field])) errors.Add(FieldError.Invalid(field == "reportingComponent" ? "reportingController" : field, core[field]?.DeepClone(), "field is immutable"));
        }
    }

    private static void ValidateSeries(JsonObject core, List<FieldError> errors)
    {
        if (core.Object("series") is not { } series) return;
        if ((series.Integer("count") ?? 0) < 2) errors.Add(FieldError.Invalid("series.count", "", "should be at least 2"));
        if (string.IsNullOrEmpty(series.Text("lastObservedTime"))) errors.Add(FieldError.Required("series.lastObservedTime"));
    }

    private static void Bounded(JsonObject core, string field, int limit, bool required, List<FieldError> errors)
    {
        var text = core.Text(field) ?? "";
        if (required && text.Length == 0) errors.Add(FieldError.Required(field));
        if (System.Text.Encoding.UTF8.GetByteCount(text) > limit) errors.Add(FieldError.Invalid(field, "", string.Create(CultureInfo.InvariantCulture, $"can have at most {limit} characters")));
    }

    private static FieldError Mismatch(string about) => FieldError.Invalid("involvedObject.namespace", about, "does not match event.namespace");

    private static FieldError Unset(string field) => FieldError.Invalid(field, "", "needs to be unset");
}
