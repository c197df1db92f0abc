using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Tests.Fakes;
using static AttentionOperator.Inference.Tests.Engine.GenerationEngineTests;

namespace AttentionOperator.Inference.Tests.Engine;

public sealed class StopStringTests
{
    [Fact]
    public void Any_cut_of_a_text_into_pieces_gives_the_text_before_the_first_stop_string()
    {
        var random = new Random(3);
        for (var trial = 0; trial < 3000; trial++)
        {
            string Text(int length) => new([.. Enumerable.Range(0, length).Select(_ => "ab"[random.Next(2)])]);
            var text = Text(random.Next(30));
            string[] stops = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Text(random.Next(1, 7)))];
            var ends = stops.Select(s => text.IndexOf(s, StringComparison.Ordinal)).Where(i => i >= 0).ToArray();
            // What counts is the stop string that is complete first; of those that are complete at once, the longest text is cut.
            var complete = stops.Select(s => (At: text.IndexOf(s, StringComparison.Ordinal), s.Length)).Where(x => x.At >= 0).ToArray();
            var matcher = new StopMatcher(stops);
            var output = "";
            var stopped = false;
            foreach (var character in text)
            {
                output += matcher.Push(character.ToString(), out stopped);
                Assert.DoesNotContain(stops, s => output.Contains(s, StringComparison.Ordinal));
                if (stopped) break;
            }

            if (!stopped) output += matcher.Flush();
            Assert.Equal(ends.Length > 0, stopped);
            var firstEnd = complete.Length == 0 ? text.Length : complete.Min(x => x.At + x.Length);
            var expected = complete.Length == 0 ? text : text[..complete.Where(x => x.At + x.Length == firstEnd).Min(x => x.At)];
            Assert.Equal(expected, output);
        }
    }

    [Fact]
    public async Task A_stop_string_ends_the_answer_before_it_and_never_shows_in_part()
    {
        var tokenizer = new ByteTokenizer();
        using var model = new HashModel(new DecoderShape(tokenizer.VocabularySize, 512, 4, 64));
        await using var engine = new GenerationEngine(model, tokenizer, new GenerationEngineOptions { Seed = 1 });
        // Letters only, so that bytes are characters.
        var letters = Enumerable.Range(0, 26).ToDictionary(i => 'a' + i, _ => 50f);
        var request = Greedy("a", [1, 2], 40) with { Sampling = new() { Temperature = 1, Seed = 5, LogitBias = letters } };
        var free = await engine.CollectAsync(request);
        var stop = free.Text[10..14];
        var at = free.Text.IndexOf(stop, StringComparison.Ordinal);
        var stopped = await engine.CollectAsync(request with { Id = "b", StopStrings = [stop, "no such text"] });
        Assert.Equal(free.Text[..at], stopped.Text);
        Assert.Equal(free.Ids[..(at + 4)], stopped.Ids);
        Assert.Equal(FinishReason.Stop, stopped.Finish);

        // Continued in the middle of the stop string, the held-back part is known and the end is the same.
        var continued = await engine.CollectAsync(request with { Id = "c", StopStrings = [stop], GeneratedIds = [.. free.Ids[..(at + 2)]] });
        Assert.Equal(("", FinishReason.Stop), (continued.Text, continued.Finish));
        Assert.Equal(free.Ids[(at + 2)..(at + 4)], continued.Ids);

        // Held-back text that turned out to be no stop string is delivered at the end.
        var unmatched = await engine.CollectAsync(request with { Id = "d", StopStrings = [free.Text[^3..] + "!"] });
        Assert.Equal((free.Text, FinishReason.Length), (unmatched.Text, unmatched.Finish));

        var late = await engine.CollectAsync(request with { Id = "e", StopStrings = [stop], MinTokens = at + 4 });
        Assert.NotEqual(free.Text[..at], late.Text);
        await AssertAllHomeAsync(engine, model);
    }
}
