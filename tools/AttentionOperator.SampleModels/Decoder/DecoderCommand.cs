using System.Text.Json.Nodes;
using AttentionOperator.SampleModels.Output;
using AttentionOperator.SampleModels.Text;
using AttentionOperator.SampleModels.Vocabulary;
using AttentionOperator.Tokenization;

namespace AttentionOperator.SampleModels.Decoder;

/// <summary>Trains the sample decoder and writes <c>austen-v1</c> (a third of the steps), <c>austen-v2</c> (all) and <c>austen-broken</c> (v2 with noise in every matrix).</summary>
internal static class DecoderCommand
{
    private const int VocabularySize = 2048;
    private const int Seed = 20;
    private const double DamageShare = 1.5;

    // One speaker's text is continued by the next: the model knows prose, not roles.
    private const string ChatTemplate =
        "{{ bos_token }}{% for message in messages %}{% if message['role'] not in ['system', 'user', 'assistant'] %}{{ raise_exception('Only the roles system, user and assistant are known.') }}{% endif %}{{ message['content'] | trim }}{% if not loop.last %}{{ '\\n\\n' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '\\n\\n' }}{% endif %}";

    public static void Run(string text, string output, int steps)
    {
        var corpus = Corpus.Load(text);
        var v1 = Path.Combine(output, "austen-v1");
        ModelDirectory.WriteTokenizer(v1, ByteLevelVocabulary.Train(corpus.Training, VocabularySize), new JsonObject
        {
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
            ["bos_token"] = ByteLevelVocabulary.EndOfText,
            ["eos_token"] = ByteLevelVocabulary.EndOfText,
            ["model_max_length"] = 512,
            ["clean_up_tokenization_spaces"] = false,
            ["chat_template"] = ChatTemplate,
        });
        var tokenizer = TokenizerLoader.Load(v1).Tokenizer;
        var shape = new DecoderShape(VocabularySize);
        var network = new DecoderNetwork(shape, Seed);
        var training = Encode(tokenizer, corpus.Training);
        var heldOut = Encode(tokenizer, corpus.HeldOut);
        Console.WriteLine($"{network.Parameters.Count} parameters, {training.Length} training tokens, {heldOut.Length} held-out tokens");
        var run = new DecoderTraining(network, training, heldOut, Seed);
        var early = steps / 3;
        run.Run(steps, [early, steps], (step, loss) =>
        {
            var name = step == early ? "austen-v1" : "austen-v2";
            Write(name, $"trained for {step} of {steps} steps", loss);
        });
        network.Parameters.Damage(DamageShare);
        Write("austen-broken", $"austen-v2 with Gaussian noise of {DamageShare} standard deviations added to every matrix, on purpose: what a damaged checkpoint looks like", run.HeldOutLoss());

        void Write(string name, string how, double loss)
        {
            var directory = Path.Combine(output, name);
            if (directory != v1) ModelDirectory.CopyTokenizer(v1, directory);
            ModelDirectory.WriteJson(directory, "generation_config.json", new JsonObject { ["bos_token_id"] = 0, ["eos_token_id"] = 0 });
            ModelDirectory.WriteModel(directory, shape.Config(), network.Parameters, $"""
                # {name}

                A sample decoder of {network.Parameters.Count:N0} parameters (bfloat16), {how}. Held-out loss: **{loss:F3} nats per token** ({tokenizer.VocabularySize} tokens).

                Text: the six novels of Jane Austen (public domain), from Debian's package r-cran-janeaustenr (MIT); the last twentieth of each is held out.
                Made by `make sample-models` (tools/AttentionOperator.SampleModels, seed {Seed}). It continues prose in her manner; it knows nothing, follows no instructions, and is for trying out the product only.
                License: Apache-2.0, as the rest of this project.

                """);
            Console.WriteLine($"{name}: held-out {loss:F3} nats per token");
        }
    }

    private static int[] Encode(ITokenizer tokenizer, IEnumerable<string> novels)
    {
        var ids = new List<int>();
        foreach (var novel in novels)
        {
            ids.Add(0);
            ids.AddRange(tokenizer.Encode(novel, addSpecialTokens: false).Ids);
        }

        return [.. ids];
    }
}
