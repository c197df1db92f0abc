using System.CommandLine;
using AttentionOperator.SampleModels.Decoder;
using AttentionOperator.SampleModels.Encoder;
using AttentionOperator.SampleModels.Text;
using TorchSharp;

// The rounding of sums depends on the number of threads: one thread makes a run repeatable bit for bit on one kind of processor.
var text = new Option<FileInfo>("--text") { Description = "Rdata.rdb of Debian's r-cran-janeaustenr", Required = true };
var output = new Option<DirectoryInfo>("--output") { Description = "Folder that receives the model folders", Required = true };
var steps = new Option<int>("--steps") { Description = "Training steps", Required = true };
var decoder = new Command("decoder", "Train austen-v1, austen-v2 and austen-broken") { text, output, steps };
decoder.SetAction(r => Train(() => DecoderCommand.Run(r.GetRequiredValue(text).FullName, r.GetRequiredValue(output).FullName, r.GetRequiredValue(steps))));
var encoder = new Command("encoder", "Train austen-embed") { text, output, steps };
encoder.SetAction(r => Train(() => EncoderCommand.Run(r.GetRequiredValue(text).FullName, r.GetRequiredValue(output).FullName, r.GetRequiredValue(steps))));
var heldOutFile = new Option<FileInfo>("--output") { Description = "File that receives the text", Required = true };
var heldOut = new Command("held-out", "Write the text that the models were not trained on") { text, heldOutFile };
heldOut.SetAction(r => File.WriteAllText(r.GetRequiredValue(heldOutFile).FullName, string.Join("\n\n", Corpus.Load(r.GetRequiredValue(text).FullName).HeldOut)));
return new RootCommand("Trains the sample models") { decoder, encoder, heldOut }.Parse(args).Invoke();

static void Train(Action run)
{
    torch.set_num_threads(1);
    run();
}
