using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Schema;

namespace AttentionOperator.Sandbox.Tests.Schema;

public sealed class SchemaTests
{
    [Theory]
    [InlineData("""{"known":1,"unknown":2}""", """{"known":1}""", "spec.unknown")]
    [InlineData("""{"open":{"any":{"thing":1}}}""", """{"open":{"any":{"thing":1}}}""", "")]
    [InlineData("""{"half":{"declared":{"x":1},"other":1}}""", """{"half":{"declared":{},"other":1}}""", "spec.half.declared.x")]
    [InlineData("""{"map":{"k":{"a":1,"b":2}}}""", """{"map":{"k":{"a":1}}}""", "spec.map.k.b")]
    [InlineData("""{"list":[{"a":1,"b":2},{"c":3}]}""", """{"list":[{"a":1},{}]}""", "spec.list[0].b spec.list[1].c")]
    [InlineData("""{"known":null,"nullable":null}""", """{"nullable":null}""", "")]
    public void Unknown_fields_are_pruned_and_named(string spec, string expected, string unknown)
    {
        var schema = Root("""
            "known":{"type":"integer"},"nullable":{"type":"string","nullable":true},
            "open":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
            "half":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"declared":{"type":"object","properties":{}}}},
            "map":{"type":"object","additionalProperties":{"type":"object","properties":{"a":{"type":"integer"}}}},
            "list":{"type":"array","items":{"type":"object","properties":{"a":{"type":"integer"}}}}
            """);
        var obj = Object(spec);
        var found = new List<string>();
        Pruning.Prune(obj, schema, found);
        AssertJson(expected, obj["spec"]);
        Assert.Equal(unknown, string.Join(' ', found));
    }

    [Theory]
    [InlineData("{}", """{"a":1,"outer":{"inner":"i"}}""")]
    [InlineData("""{"a":2,"outer":{}}""", """{"a":2,"outer":{"inner":"i"}}""")]
    [InlineData("""{"a":null,"outer":{"inner":"j"}}""", """{"a":1,"outer":{"inner":"j"}}""")]
    [InlineData("""{"n":null}""", """{"n":null,"a":1,"outer":{"inner":"i"}}""")]
    [InlineData("""{"list":[{},{"x":1}],"map":{"k":{}}}""", """{"list":[{"x":7},{"x":1}],"map":{"k":{"x":8}},"a":1,"outer":{"inner":"i"}}""")]
    [InlineData("""{"plain":{}}""", """{"plain":{"deep":true},"a":1,"outer":{"inner":"i"}}""")]
    public void Defaults_fill_what_is_absent_and_nothing_else(string spec, string expected)
    {
        var schema = Root("""
            "a":{"type":"integer","default":1},"n":{"type":"integer","nullable":true,"default":5},
            "outer":{"type":"object","default":{},"properties":{"inner":{"type":"string","default":"i"}}},
            "plain":{"type":"object","properties":{"deep":{"type":"boolean","default":true}}},
            "list":{"type":"array","items":{"type":"object","properties":{"x":{"type":"integer","default":7}}}},
            "map":{"type":"object","additionalProperties":{"type":"object","properties":{"x":{"type":"integer","default":8}}}}
            """);
        var obj = Object(spec);
        if (!obj["spec"]!.AsObject().ContainsKey("n")) schema.Properties["spec"].Properties.Remove("n");
        Defaulting.Apply(obj, schema);
        AssertJson(expected, obj["spec"]);
    }

    [Theory]
    [InlineData("""{"type":"integer","minimum":1,"maximum":5}""", "0", "FieldValueInvalid", "spec.v: Invalid value: 0: spec.v in body should be greater than or equal to 1")]
    [InlineData("""{"type":"integer","minimum":1,"maximum":5}""", "6", "FieldValueInvalid", "spec.v: Invalid value: 6: spec.v in body should be less than or equal to 5")]
    [InlineData("""{"type":"number","minimum":0,"exclusiveMinimum":true}""", "0", "FieldValueInvalid", "spec.v: Invalid value: 0: spec.v in body should be greater than 0")]
    [InlineData("""{"type":"number","maximum":1.5,"exclusiveMaximum":true}""", "1.5", "FieldValueInvalid", "spec.v: Invalid value: 1.5: spec.v in body should be less than 1.5")]
    [InlineData("""{"type":"integer","multipleOf":3}""", "7", "FieldValueInvalid", "spec.v: Invalid value: 7: spec.v in body should be a multiple of 3")]
    [InlineData("""{"type":"string","minLength":2}""", "\"ä\"", "FieldValueInvalid", "spec.v: Invalid value: \"ä\": spec.v in body should be at least 2 chars long")]
    [InlineData("""{"type":"string","maxLength":2}""", "\"abc\"", "FieldValueTooLong", "spec.v: Too long: may not be more than 2 bytes")]
    [InlineData("""{"type":"string","pattern":"^a+$"}""", "\"b\"", "FieldValueInvalid", "spec.v: Invalid value: \"b\": spec.v in body should match '^a+$'")]
    [InlineData("""{"type":"string","enum":["A","B"]}""", "\"C\"", "FieldValueNotSupported", "spec.v: Unsupported value: \"C\": supported values: \"A\", \"B\"")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"soon\"", "FieldValueInvalid", "spec.v: Invalid value: \"soon\": spec.v in body must be of type date-time: \"soon\"")]
    [InlineData("""{"type":"string","format":"duration"}""", "\"1x\"", "FieldValueInvalid", "spec.v: Invalid value: \"1x\": spec.v in body must be of type duration: \"1x\"")]
    [InlineData("""{"type":"integer"}""", "\"1\"", "FieldValueTypeInvalid", "spec.v: Invalid value: \"string\": spec.v in body must be of type integer: \"string\"")]
    [InlineData("""{"type":"integer"}""", "1.5", "FieldValueTypeInvalid", "spec.v: Invalid value: \"number\": spec.v in body must be of type integer: \"number\"")]
    [InlineData("""{"type":"string"}""", "{}", "FieldValueTypeInvalid", "spec.v: Invalid value: \"object\": spec.v in body must be of type string: \"object\"")]
    [InlineData("""{"type":"boolean"}""", "[]", "FieldValueTypeInvalid", "spec.v: Invalid value: \"array\": spec.v in body must be of type boolean: \"array\"")]
    [InlineData("""{"x-kubernetes-int-or-string":true}""", "true", "FieldValueTypeInvalid", "spec.v: Invalid value: \"boolean\": spec.v in body must be of type integer,string: \"boolean\"")]
    [InlineData("""{"type":"array","minItems":1,"items":{"type":"integer"}}""", "[]", "FieldValueInvalid", "spec.v: Invalid value: 0: spec.v in body should have at least 1 items")]
    [InlineData("""{"type":"array","maxItems":1,"items":{"type":"integer"}}""", "[1,2]", "FieldValueTooMany", "spec.v: Too many: 2: must have at most 1 items")]
    [InlineData("""{"type":"array","x-kubernetes-list-type":"set","items":{"type":"integer"}}""", "[1,2,1]", "FieldValueDuplicate", "spec.v[2]: Duplicate value: 1")]
    [InlineData("""{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["n"],"items":{"type":"object","properties":{"n":{"type":"string"}}}}""", """[{"n":"a"},{"n":"a"}]""", "FieldValueDuplicate", "spec.v[1]: Duplicate value: {\"n\":\"a\"}")]
    [InlineData("""{"type":"object","minProperties":1,"additionalProperties":{"type":"string"}}""", "{}", "FieldValueInvalid", "spec.v: Invalid value: 0: spec.v in body should have at least 1 properties")]
    [InlineData("""{"type":"object","required":["a"],"properties":{"a":{"type":"string"}}}""", "{}", "FieldValueRequired", "spec.v.a: Required value")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"string"}}""", """{"k":1}""", "FieldValueTypeInvalid", "spec.v.k: Invalid value: \"integer\": spec.v.k in body must be of type string: \"integer\"")]
    [InlineData("""{"type":"integer","oneOf":[{"minimum":1},{"minimum":2}]}""", "3", "FieldValueInvalid", "spec.v: Invalid value: 3: spec.v in body must validate one and only one schema (oneOf). Found 2 valid alternatives")]
    [InlineData("""{"type":"integer","not":{"minimum":2}}""", "3", "FieldValueInvalid", "spec.v: Invalid value: 3: spec.v in body must not validate the schema (not)")]
    public void A_wrong_value_is_named_with_its_field_and_reason(string schema, string value, string reason, string message)
    {
        var errors = Validate(schema, value);
        var error = Assert.Single(errors);
        Assert.Equal((reason, message), (error.Reason, error.ToString()));
    }

    [Theory]
    [InlineData("""{"type":"integer"}""", "3.0")]
    [InlineData("""{"type":"number"}""", "3")]
    [InlineData("""{"x-kubernetes-int-or-string":true}""", "\"25%\"")]
    [InlineData("""{"x-kubernetes-int-or-string":true}""", "7")]
    [InlineData("""{"type":"string","maxLength":2}""", "\"äö\"")]
    [InlineData("""{"type":"string","pattern":"a"}""", "\"bab\"")]
    [InlineData("""{"type":"string","nullable":true}""", "null")]
    [InlineData("""{"type":"array","items":{"type":"integer"}}""", "[1,1]")]
    [InlineData("""{"type":"string","format":"duration"}""", "\"1h30m\"")]
    [InlineData("""{"type":"integer","anyOf":[{"minimum":5},{"maximum":1}]}""", "0")]
    [InlineData("""{"type":"integer","oneOf":[{"minimum":5},{"maximum":1}]}""", "6")]
    public void A_right_value_is_accepted(string schema, string value) => Assert.Empty(Validate(schema, value));

    private static List<FieldError> Validate(string schema, string value)
    {
        var errors = new List<FieldError>();
        var root = Root($"\"v\":{schema}");
        SchemaValidator.Validate(Object($"{{\"v\":{value}}}"), root, "", errors);
        return errors;
    }

    private static SchemaNode Root(string properties) =>
        CrdSchemaReader.ReadRoot(JsonNode.Parse("{\"type\":\"object\",\"properties\":{\"spec\":{\"type\":\"object\",\"properties\":{" + properties + "}}}}")!.AsObject());

    private static JsonObject Object(string spec) => Sandbox.Json.JsonReading.ParseObject(System.Text.Encoding.UTF8.GetBytes($$"""{"apiVersion":"e/v1","kind":"K","metadata":{"name":"n"},"spec":{{spec}} }"""));

    private static void AssertJson(string expected, JsonNode? actual) => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual?.ToJsonString());
}
