using System.CommandLine;
using AttentionOperator.SampleModels.Decoder;
using AttentionOperator.SampleModels.Encoder;
using TorchSharp;

// The rounding of sums depends on the number of threads: one thread makes a run repeatable bit for bit on one kind of processor.
var text = new Option<FileInfo>("--text") { Description = "Rdata.rdb of Debian's r-cran-janeaustenr", Required = true };
var output = new Option<DirectoryInfo>("--output") { Description = "Folder that receives the model folders", Required = true };
var steps = new Option<int>("--steps") { Description = "Training steps", Required = true };
var decoder = new Command("decoder", "Train austen-v1, austen-v2 and austen-broken") { text, output, steps };
decoder.SetAction(r => Train(() => DecoderCommand.Run(r.GetRequiredValue(text).FullName, r.GetRequiredValue(output).FullName, r.GetRequiredValue(steps))));
var encoder = new Command("encoder", "Train austen-embed") { text, output, steps };
encoder.SetAction(r => Train(() => EncoderCommand.Run(r.GetRequiredValue(text).FullName, r.GetRequiredValue(output).FullName, r.GetRequiredValue(steps))));
return new RootCommand("Trains the sample models") { decoder, encoder }.Parse(args).Invoke();

static void Train(Action run)
{
    torch.set_num_threads(1);
    run();
}
