using System.Text.Json.Nodes;
using AttentionOperator.SampleModels.Output;
using AttentionOperator.SampleModels.Text;
using AttentionOperator.SampleModels.Vocabulary;
using AttentionOperator.Tokenization;

namespace AttentionOperator.SampleModels.Encoder;

/// <summary>Trains the sample encoder and writes <c>austen-embed</c> in the layout of sentence-transformers.</summary>
internal static class EncoderCommand
{
    private const int VocabularySize = 3000;
    private const int Seed = 21;
    private const int ShortestPassage = 48;

    public static void Run(string text, string output, int steps)
    {
        var corpus = Corpus.Load(text);
        var directory = Path.Combine(output, "austen-embed");
        ModelDirectory.WriteTokenizer(directory, WordPieceVocabulary.Train(corpus.Training, VocabularySize), new JsonObject
        {
            ["tokenizer_class"] = "BertTokenizer",
            ["do_lower_case"] = true,
            ["unk_token"] = "[UNK]",
            ["pad_token"] = "[PAD]",
            ["cls_token"] = "[CLS]",
            ["sep_token"] = "[SEP]",
            ["mask_token"] = "[MASK]",
            ["model_max_length"] = 512,
            ["clean_up_tokenization_spaces"] = true,
        });
        var tokenizer = TokenizerLoader.Load(directory).Tokenizer;
        var shape = new EncoderShape(tokenizer.VocabularySize);
        var network = new EncoderNetwork(shape, Seed);
        var training = new EncoderTraining(network, Passages(tokenizer, corpus.Training), Passages(tokenizer, corpus.HeldOut), Seed);
        training.Run(steps);
        var (top, related, unrelated) = training.Evaluate();
        WritePooling(directory);
        ModelDirectory.WriteModel(directory, shape.Config(), network.Parameters, $"""
            # austen-embed

            A sample encoder of {network.Parameters.Count:N0} parameters (bfloat16) for embeddings (mean pooling, normalised), trained for {steps} steps to bring two spans of one passage together.
            On held-out passages the other half is the nearest of 48 for **{top:P1}** of the spans; mean cosine {related:F2} for the two halves of a passage, {unrelated:F2} for strangers.

            Text: the six novels of Jane Austen (public domain), from Debian's package r-cran-janeaustenr (MIT); the last twentieth of each is held out.
            Made by `make sample-models` (tools/AttentionOperator.SampleModels, seed {Seed}). For trying out the product only.
            License: Apache-2.0, as the rest of this project.

            """);
        Console.WriteLine($"austen-embed: top-1 of 48 {top:P1}, cosine related {related:F3}, unrelated {unrelated:F3}");
    }

    private static List<int[]> Passages(ITokenizer tokenizer, IEnumerable<string> novels) => novels
        .SelectMany(novel => novel.Split("\n\n"))
        .Select(paragraph => tokenizer.Encode(paragraph, addSpecialTokens: false).Ids)
        .Where(ids => ids.Length >= ShortestPassage)
        .ToList();

    private static void WritePooling(string directory)
    {
        ModelDirectory.WriteJson(directory, "modules.json", new JsonArray(
            Module(0, "", "Transformer"), Module(1, "1_Pooling", "Pooling"), Module(2, "2_Normalize", "Normalize")));
        ModelDirectory.WriteJson(directory, "sentence_bert_config.json", new JsonObject { ["max_seq_length"] = 512, ["do_lower_case"] = false });
        Directory.CreateDirectory(Path.Combine(directory, "1_Pooling"));
        ModelDirectory.WriteJson(Path.Combine(directory, "1_Pooling"), "config.json", new JsonObject
        {
            ["word_embedding_dimension"] = 128,
            ["pooling_mode_cls_token"] = false,
            ["pooling_mode_mean_tokens"] = true,
            ["pooling_mode_max_tokens"] = false,
        });
    }

    private static JsonObject Module(int index, string path, string type) => new()
    {
        ["idx"] = index,
        ["name"] = index.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["path"] = path,
        ["type"] = "sentence_transformers.models." + type,
    };
}
