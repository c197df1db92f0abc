using System.Globalization;
using System.Text.Json;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Inference;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Fidelity;

/// <summary>What a lower precision costs on one decoder fixture, against float32 on the fixture's own texts.</summary>
/// <param name="Perplexity">exp of the mean negative log-likelihood of the texts' next tokens.</param>
/// <param name="ReferencePerplexity">The same in float32.</param>
/// <param name="MeanCosine">Mean cosine of the logits over the positions.</param>
/// <param name="LowestCosine">That of the worst position.</param>
/// <param name="Divergence">Mean Kullback-Leibler divergence of the next-token distributions, in nats.</param>
public sealed record QualityReport(string Name, Precision Precision, double Perplexity, double ReferencePerplexity, double MeanCosine, double LowestCosine, double Divergence)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name,-20} {Precision,-9} perplexity {Perplexity:0.000} ({100 * (Perplexity / ReferencePerplexity - 1):+0.00;-0.00}%)  cosine {MeanCosine:0.00000} (lowest {LowestCosine:0.00000})  divergence {Divergence:0.0e+0}");

    private const int WindowTokens = 256;
    private const int Windows = 40;

    /// <summary>Measures one precision on one decoder fixture, on its own texts; null for fixtures that are no decoders.</summary>
    public static QualityReport? Measure(string directory, string name, Precision precision)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(directory, name, "golden.json")));
        if (document.RootElement.Find("kind")?.GetString() != "decoder")
            return null;
        return Compare(directory, name, precision, [.. document.RootElement.Items("forward").Select(f => f.Ints("input_ids")).Where(t => t.Length > 1)]);
    }

    /// <summary>Measures one precision on one model and a text that it was not trained on: the first 40 windows of 256 tokens.</summary>
    public static QualityReport MeasureOn(string textFile, string directory, string name, Precision precision)
    {
        var ids = TokenizerLoader.Load(Path.Combine(directory, name)).Tokenizer.Encode(File.ReadAllText(textFile), addSpecialTokens: false).Ids;
        return Compare(directory, name, precision, [.. ids.Chunk(WindowTokens).Where(w => w.Length == WindowTokens).Take(Windows)]);
    }

    private static QualityReport Compare(string directory, string name, Precision precision, int[][] texts)
    {
        var path = Path.Combine(directory, name);
        var (reference, vocabulary) = Logits(path, Precision.Float32, texts);
        var (actual, _) = Logits(path, precision, texts);
        double loss = 0, referenceLoss = 0, divergence = 0, cosine = 0, lowest = 1;
        var predictions = 0;
        for (var text = 0; text < texts.Length; text++)
        {
            for (var t = 0; t + 1 < texts[text].Length; t++, predictions++)
            {
                var p = reference[text].AsSpan(t * vocabulary, vocabulary);
                var q = actual[text].AsSpan(t * vocabulary, vocabulary);
                var (pSum, qSum) = (DecoderDriver.LogSumExp(p), DecoderDriver.LogSumExp(q));
                referenceLoss += pSum - p[texts[text][t + 1]];
                loss += qSum - q[texts[text][t + 1]];
                double dot = 0, pp = 0, qq = 0;
                for (var v = 0; v < vocabulary; v++)
                {
                    divergence += Math.Exp(p[v] - pSum) * (p[v] - pSum - (q[v] - qSum));
                    dot += (double)p[v] * q[v];
                    pp += (double)p[v] * p[v];
                    qq += (double)q[v] * q[v];
                }

                cosine += dot / Math.Sqrt(pp * qq);
                lowest = Math.Min(lowest, dot / Math.Sqrt(pp * qq));
            }
        }

        return new QualityReport(name, precision, Math.Exp(loss / predictions), Math.Exp(referenceLoss / predictions), cosine / predictions, lowest, divergence / predictions);
    }

    private static (float[][] Logits, int Vocabulary) Logits(string path, Precision precision, int[][] texts)
    {
        using var model = ModelLoader.Load(path, new LoadOptions { Precision = precision });
        using var executor = model.CreateDecoderExecutor(16, (texts.Max(t => t.Length) / 16 + 1) * 2);
        var driver = new DecoderDriver(executor);
        return ([.. texts.Select(text =>
        {
            var sequence = DecoderDriver.Start();
            var logits = driver.Step([(sequence, text)], all: true);
            driver.End(sequence);
            return logits;
        })], driver.VocabularySize);
    }
}
