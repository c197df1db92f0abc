using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Schema;

namespace AttentionOperator.Sandbox.Tests.Schema;

public sealed class CelTests
{
    [Theory]
    [InlineData("self.size > 2", true)]
    [InlineData("self.size == 3 && self.name.startsWith('n')", true)]
    [InlineData("has(self.none)", false)]
    [InlineData("!has(self.none) || self.none > 1", true)]
    [InlineData("self.list.all(i, i > 0)", true)]
    [InlineData("self.list.exists(i, i == 4)", false)]
    [InlineData("self.list.exists_one(i, i == 2)", true)]
    [InlineData("self.list.map(i, i * 2).filter(i, i > 2).size() == 2", true)]
    [InlineData("size(self.list) == 3 && size(self.map) == 2 && size(self.name) == 4", true)]
    [InlineData("2 in self.list && 'a' in self.map", true)]
    [InlineData("self.map['a'] == 'x'", true)]
    [InlineData("self.map.all(k, k.size() == 1)", true)]
    [InlineData("self.parts.all(p, p.share >= 0.0) && self.parts.map(p, p.weight).sum() == 100", true)]
    [InlineData("self.parts.map(p, p.share).sum() == 1.0", true)]
    [InlineData("self.list.isSorted()", true)]
    [InlineData("quantity(self.memory).isGreaterThan(quantity('1Gi'))", true)]
    [InlineData("quantity(self.memory).isLessThan(quantity('3000M'))", true)]
    [InlineData("quantity('1000m').compareTo(quantity('1')) == 0", true)]
    [InlineData("isQuantity('1.5Gi') && !isQuantity('much')", true)]
    [InlineData("quantity('-1').sign() == -1", true)]
    [InlineData("'ABC'.lowerAscii() == 'abc' && 'abc'.upperAscii() == 'ABC'", true)]
    [InlineData("' x '.trim() == 'x'", true)]
    [InlineData("'a,b,c'.split(',').size() == 3", true)]
    [InlineData("'a-b-a'.replace('a', 'c') == 'c-b-c'", true)]
    [InlineData("isURL('https://example.com/x') && !isURL('nonsense')", true)]
    [InlineData("self.name.matches('^na.e$')", true)]
    [InlineData("self.size == 3 ? true : false", true)]
    [InlineData("duration('1h') > duration('59m')", true)]
    [InlineData("double(self.size) / 2.0 == 1.5", true)]
    [InlineData("string(self.size) == '3' && int('3') == self.size", true)]
    [InlineData("self.name.contains('am') && self.name.endsWith('e')", true)]
    public void Rules_are_evaluated_as_in_the_api_server(string rule, bool holds)
    {
        Assert.Null(CelValidation.CompileError(rule));
        var errors = Validate(new ValidationRule(rule, null, null, "FieldValueInvalid", null, false), Spec, null);
        if (holds) Assert.True(errors.Count == 0, string.Join("; ", errors));
        else Assert.Equal($"failed rule: {rule}", Assert.Single(errors).Message[^(rule.Length + 13)..]);
    }

    [Theory]
    [InlineData("self.size ==")]
    [InlineData("self.size > > 1")]
    [InlineData("")]
    public void A_rule_that_is_no_expression_does_not_compile(string rule) => Assert.NotNull(CelValidation.CompileError(rule));

    [Fact]
    public void Transition_rules_run_on_updates_only()
    {
        var rule = new ValidationRule("self.size >= oldSelf.size", "may not shrink", null, "FieldValueForbidden", ".size", false);
        Assert.Empty(Validate(rule, Spec, null));
        Assert.Empty(Validate(rule, Spec, """{"size":2}"""));
        Assert.Equal(new FieldError("spec.size", "FieldValueForbidden", "Forbidden: may not shrink"), Assert.Single(Validate(rule, Spec, """{"size":4}""")));
    }

    [Fact]
    public void A_message_may_be_an_expression()
    {
        var rule = new ValidationRule("self.size < 3", "fixed", "'size is ' + string(self.size)", "FieldValueInvalid", null, false);
        Assert.EndsWith("size is 3", Assert.Single(Validate(rule, Spec, null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_that_fails_to_evaluate_is_an_error_of_the_object()
    {
        var error = Assert.Single(Validate(new ValidationRule("self.none > 1", null, null, "FieldValueInvalid", null, false), Spec, null));
        Assert.Equal("spec", error.Field);
        error = Assert.Single(Validate(new ValidationRule("quantity(self.name).sign() == 1", null, null, "FieldValueInvalid", null, false), Spec, null));
        Assert.Equal("spec", error.Field);
    }

    private const string Spec = """
        {"size":3,"name":"name","memory":"2Gi","list":[1,2,3],"map":{"a":"x","b":"y"},"parts":[{"weight":60,"share":0.5},{"weight":40,"share":0.5}]}
        """;

    private static List<FieldError> Validate(ValidationRule rule, string spec, string? old)
    {
        var schema = CrdSchemaReader.ReadRoot(JsonNode.Parse("""
            {"type":"object","properties":{"spec":{"type":"object","properties":{
              "size":{"type":"integer"},"none":{"type":"integer"},"name":{"type":"string"},"memory":{"type":"string"},
              "list":{"type":"array","items":{"type":"integer"}},"map":{"type":"object","additionalProperties":{"type":"string"}},
              "parts":{"type":"array","items":{"type":"object","properties":{"weight":{"type":"integer"},"share":{"type":"number"}}}}}}}}
            """)!.AsObject());
        schema.Properties["spec"].Validations = [rule];
        var errors = new List<FieldError>();
        CelValidation.Validate(Object(spec), old is null ? null : Object(old), schema, errors);
        return errors;
    }

    private static JsonObject Object(string spec) => Sandbox.Json.JsonReading.ParseObject(System.Text.Encoding.UTF8.GetBytes($$"""{"spec":{{spec}} }"""));
}
