using System.Text;
using System.Text.Json;
using AttentionOperator.Inference.Constrained;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Tests.Engine;
using AttentionOperator.Inference.Tests.Fakes;

namespace AttentionOperator.Inference.Tests.Constrained;

public sealed class ConstraintTests
{
    private static readonly ByteTokenizer Tokenizer = new("{\"", "\":", "\": \"", "\",\"", "\"}", "\"]}", "true", "null", "[1,2", "name", " \"", "é", "😀", "\\u00e9", "\\ud83d\\ude00", "}}", "-1", "0.5e", "{\n  ");

    public static TheoryData<string> Schemas() =>
    [
        """{"type":"object"}""",
        """{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"},"tags":{"type":"array","items":{"type":"string"}}},"required":["name","age"],"additionalProperties":false}""",
        """{"type":"object","properties":{"a":{"type":"boolean"},"b":{"type":"null"},"c":{"type":"number"}}}""",
        """{"type":"object","properties":{"a":{"type":"string","maxLength":3},"ab":{"const":"x"},"q\"uote":{"const":1}},"additionalProperties":{"type":"integer"},"required":["ab","other"]}""",
        """{"type":"array","items":{"enum":["red","green",{"deep":[1,2.50,null]},"é\n"]},"minItems":2,"maxItems":4}""",
        """{"type":"array","items":{"type":"number"},"minItems":3}""",
        """{"type":"array","maxItems":0}""",
        """{"type":"string","minLength":2,"maxLength":5}""",
        """{"type":"string","minLength":3}""",
        """{"type":["string","null","integer"]}""",
        """{"enum":["a",1,true,null],"type":["string","boolean"]}""",
        """{"anyOf":[{"type":"integer"},{"type":"object","properties":{"x":{"const":7}},"required":["x"]},{"type":"array","items":false}]}""",
        """{"$defs":{"node":{"type":"object","properties":{"v":{"type":"integer"},"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},"required":["v","next"],"additionalProperties":false}},"$ref":"#/$defs/node"}""",
        """{"type":"object","properties":{"children":{"type":"array","items":{"$ref":"#"},"maxItems":2}},"required":["children"],"title":"Tree","description":"recursive"}""",
        """{"allOf":[{"minLength":1,"maxLength":2}]}""",
        """{"type":"integer"}""",
        """{"type":"integer","minimum":-12,"exclusiveMaximum":1050}""",
        """{"type":["integer","null"],"exclusiveMinimum":7.5}""",
        """{"type":"string","format":"date-time"}""",
        """{"format":"uuid"}""",
        """true""",
        """{}""",
    ];

    [Theory]
    [MemberData(nameof(Schemas))]
    public void Whatever_the_mask_allows_parses_and_validates(string schema)
    {
        var random = new Random(schema.Length);
        var factory = new ConstraintFactory(Tokenizer, Tokenizer.VocabularySize);
        using var schemaDocument = JsonDocument.Parse(schema);
        var finished = 0;
        for (var trial = 0; trial < 120; trial++)
        {
            var cursor = (ConstraintCursor)factory.For(schema)!;
            List<int> ids = [];
            while (!cursor.Complete && ids.Count < 400)
            {
                var mask = cursor.Allowed([Tokenizer.EndId]).ToArray();
                var allowed = Enumerable.Range(0, Tokenizer.VocabularySize).Where(id => (mask[id >> 6] >> (id & 63) & 1) == 1).ToArray();
                Assert.NotEmpty(allowed);
                // Brackets are likelier than chance, else random answers hardly ever come to an end.
                var closing = allowed.Where(id => id < 256 && "]}\"".Contains((char)id, StringComparison.Ordinal)).ToArray();
                var id = closing.Length > 0 && random.Next(2) == 0 ? closing[random.Next(closing.Length)] : allowed[random.Next(allowed.Length)];
                if (id == Tokenizer.EndId) break;
                Assert.True(cursor.Advance(id));
                ids.Add(id);
            }

            if (!cursor.Accepting) continue;
            finished++;
            var text = Tokenizer.Decode([.. ids]);
            using var answer = JsonDocument.Parse(text);
            Assert.True(SchemaValidator.IsValid(answer.RootElement, schemaDocument.RootElement, schemaDocument.RootElement), $"{text} does not satisfy {schema}");
            Strings(answer.RootElement);
        }

        Assert.True(finished > 10, $"only {finished} answers came to an end");
    }

    [Theory]
    [MemberData(nameof(Schemas))]
    public void The_mask_allows_exactly_the_tokens_that_continue(string schema)
    {
        var random = new Random(7);
        var factory = new ConstraintFactory(Tokenizer, Tokenizer.VocabularySize);
        for (var trial = 0; trial < 8; trial++)
        {
            List<int> ids = [];
            for (var length = 0; length < 25; length++)
            {
                var mask = At(ids).Allowed([]).ToArray();
                List<int> allowed = [];
                for (var id = 0; id < Tokenizer.VocabularySize; id++)
                {
                    var expected = At(ids).Advance(id);
                    Assert.Equal(expected, (mask[id >> 6] >> (id & 63) & 1) == 1);
                    Assert.Equal(expected, At(ids).Permits(id, []));
                    if (expected) allowed.Add(id);
                }

                if (allowed.Count == 0) break;
                ids.Add(allowed[random.Next(allowed.Count)]);
            }
        }

        ConstraintCursor At(List<int> ids)
        {
            var cursor = (ConstraintCursor)factory.For(schema)!;
            foreach (var id in ids) Assert.True(cursor.Advance(id));
            return cursor;
        }
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":["a"]}""", """{"a":-12,"b":"x\ud83d\ude00\\é"}""", true)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":["a"]}""", "{\n  \"a\": 1,\n  \"b\": \"\"\n}", true)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}}}""", "{}", true)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}""", "{}", false)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":true}""", """{"b":[{}],"aa":1}""", true)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":true}""", """{"b":1,"a":"x"}""", false)]
    [InlineData("""{"type":"integer"}""", "01", false)]
    [InlineData("""{"type":"integer"}""", "1.5", false)]
    [InlineData("""{"type":"number"}""", "-0.25e+10", true)]
    [InlineData("""{"type":"string"}""", "\"\\ud83d\"", false)]
    [InlineData("""{"type":"string"}""", "\"a\tb\"", false)]
    [InlineData("""{"type":"string","maxLength":1}""", "\"😀\"", true)]
    [InlineData("""{"type":"string","maxLength":1}""", "\"ab\"", false)]
    [InlineData("""{"const":{"a":[1,"é"]}}""", """{"a":[1,"é"]}""", true)]
    public void Texts_are_taken_as_the_schema_says(string schema, string text, bool taken)
    {
        var cursor = (ConstraintCursor)new ConstraintFactory(Tokenizer, Tokenizer.VocabularySize).For(schema)!;
        Assert.Equal(taken, Encoding.UTF8.GetBytes(text).All(b => cursor.Advance(b)) && cursor.Accepting);
    }

    [Theory]
    [InlineData("""{"type":"string","pattern":"^a"}""", "pattern")]
    [InlineData("""{"type":"string","format":"email"}""", "format")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"number","minimum":3}}}""", "minimum")]
    [InlineData("""{"type":"integer","minimum":4,"exclusiveMaximum":4}""", "minimum")]
    [InlineData("""{"type":"integer","multipleOf":4}""", "multipleOf")]
    [InlineData("""{"oneOf":[{"type":"string"}]}""", "oneOf")]
    [InlineData("""{"type":"object","patternProperties":{}}""", "patternProperties")]
    [InlineData("""{"anyOf":[{"type":"string"}],"type":"string"}""", "type")]
    [InlineData("""{"enum":[]}""", "enum")]
    [InlineData("""{"enum":[1],"type":"string"}""", "enum")]
    [InlineData("""{"$ref":"https://example.com/schema"}""", "$ref")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "$ref")]
    [InlineData("""{"anyOf":[{"$ref":"#"},{"type":"string"}]}""", "$ref")]
    [InlineData("""{"type":"array","items":{"type":"string"},"maxItems":100000}""", "maxItems")]
    [InlineData("""{"type":"object","properties":{},"required":["a"],"additionalProperties":false}""", "required")]
    [InlineData("""{"type":"date"}""", "type")]
    [InlineData("""{"type":""", "JSON schema")]
    [InlineData("false", "False")]
    public void What_cannot_be_guaranteed_is_refused_by_name(string schema, string named)
    {
        var refusal = Assert.Throws<RequestRefusedException>(() => SchemaCompiler.Compile(schema));
        Assert.Equal(RefusalReason.Unsupported, refusal.Reason);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Integer_bounds_hold_exactly()
    {
        var random = new Random(2);
        foreach (var span in new[] { 3, 40, 3000, 200_000 })
        {
            for (var trial = 0; trial < 12; trial++)
            {
                var (a, b) = (random.Next(-span, span), random.Next(-span, span));
                var (low, high) = (Math.Min(a, b), Math.Max(a, b));
                var automaton = new GrammarAutomaton(SchemaCompiler.Compile($$"""{"type":"integer","minimum":{{low}},"maximum":{{high}}}"""), new TokenTrie(Tokenizer, Tokenizer.VocabularySize));
                int[] probes = [low - 1, low, high, high + 1, 0, -1, 1, .. Enumerable.Range(0, 60).Select(_ => random.Next(-span * 2, span * 2))];
                Assert.All(probes, n => Assert.Equal(n >= low && n <= high, Takes(automaton, $"{n}")));
                Assert.False(Takes(automaton, "-0") || Takes(automaton, "007") || Takes(automaton, ""));
            }
        }
    }

    [Theory]
    [InlineData("date", "2024-12-31", true)]
    [InlineData("date", "2024-04-31", false)]
    [InlineData("date", "2024-00-10", false)]
    [InlineData("date-time", "1999-02-28T23:59:59.123Z", true)]
    [InlineData("date-time", "1999-02-28T24:00:00Z", false)]
    [InlineData("time", "00:00:00+13:59", true)]
    [InlineData("uuid", "01234567-89ab-cdef-0123-456789abcdef", true)]
    [InlineData("uuid", "01234567-89ab-cdef-0123-456789abcdeg", false)]
    public void Formats_are_taken_as_their_rfcs_say(string format, string text, bool taken) =>
        Assert.Equal(taken, Takes(new GrammarAutomaton(SchemaCompiler.Compile($$"""{"type":"string","format":"{{format}}"}"""), new TokenTrie(Tokenizer, Tokenizer.VocabularySize)), $"\"{text}\""));

    private static bool Takes(GrammarAutomaton automaton, string text)
    {
        var state = automaton.Start;
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (automaton.Next(state, value) is not { } next) return false;
            state = next;
        }

        return state.Accepting;
    }

    [Fact]
    public void Masks_are_computed_once_and_then_cost_no_allocation()
    {
        var factory = new ConstraintFactory(Tokenizer, Tokenizer.VocabularySize);
        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var cursor = (ConstraintCursor)factory.For("""{"type":"string"}""")!;
        var created = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            cursor.Allowed([Tokenizer.EndId]);
            cursor.Advance(i == 0 ? '"' : 'a');
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - created);
        Assert.True(created - before < 1000);

        void Run()
        {
            var warm = factory.For("""{"type":"string"}""")!;
            for (var i = 0; i < 100; i++)
            {
                warm.Allowed([Tokenizer.EndId]);
                warm.Advance(i == 0 ? '"' : 'a');
            }
        }
    }

    [Fact]
    public async Task Constrained_answers_of_the_engine_validate_and_can_be_continued()
    {
        const string Schema = """{"type":"object","properties":{"name":{"type":"string","maxLength":6},"n":{"type":"integer"},"ok":{"type":"boolean"}},"required":["name","n","ok"],"additionalProperties":false}""";
        using var schema = JsonDocument.Parse(Schema);
        using var model = new HashModel(new DecoderShape(Tokenizer.VocabularySize, 512, 4, 256));
        await using var engine = new GenerationEngine(model, Tokenizer, new GenerationEngineOptions { MaxSequences = 8, Seed = 1 });
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            var request = new GenerationRequest
            {
                Id = $"r{i}",
                PromptIds = [i],
                MaxTokens = 200,
                StopIds = [Tokenizer.EndId],
                JsonSchema = Schema,
                Sampling = new SamplingParameters { Seed = i, Temperature = i % 2 },
            };
            var whole = await engine.CollectAsync(request);
            var rest = await engine.CollectAsync(request with { Id = $"c{i}", GeneratedIds = [.. whole.Ids[..5]] });
            Assert.Equal(whole.Ids[5..], rest.Ids);
            return whole;
        }));
        Assert.All(answers, answer =>
        {
            Assert.Equal(FinishReason.Stop, answer.Finish);
            using var document = JsonDocument.Parse(answer.Text);
            Assert.True(SchemaValidator.IsValid(document.RootElement, schema.RootElement, schema.RootElement), answer.Text);
        });
        var refusal = await Assert.ThrowsAsync<RequestRefusedException>(() => engine.CollectAsync(new GenerationRequest { Id = "x", PromptIds = [1], MaxTokens = 3, JsonSchema = """{"not":{}}""" }));
        Assert.Equal(RefusalReason.Unsupported, refusal.Reason);
        await GenerationEngineTests.AssertAllHomeAsync(engine, model);
    }

    /// <summary>Reading every string throws where one is not valid Unicode.</summary>
    private static void Strings(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String) element.GetString();
        if (element.ValueKind == JsonValueKind.Array) foreach (var item in element.EnumerateArray()) Strings(item);
        if (element.ValueKind == JsonValueKind.Object) foreach (var property in element.EnumerateObject()) Strings(property.Value);
    }
}
