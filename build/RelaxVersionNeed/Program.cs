using AttentionOperator.Build;

// relax-version-need SOURCE TARGET VERSION
// Writes TARGET as a copy of the ELF library SOURCE in which the need of the symbol version VERSION is weak.
if (args.Length != 3)
{
    Console.Error.WriteLine("usage: RelaxVersionNeed SOURCE TARGET VERSION");
    return 2;
}

var image = File.ReadAllBytes(args[0]);
try
{
    ElfVersionNeeds.MakeWeak(image, args[2]);
}
catch (FormatException error)
{
    Console.Error.WriteLine($"{args[0]}: {error.Message}");
    return 1;
}

// A build that runs beside this one must never see half a file, and a hard link to the package's file must not be written through.
var temporary = $"{args[1]}.{Environment.ProcessId}";
File.WriteAllBytes(temporary, image);
File.Move(temporary, args[1], overwrite: true);
return 0;
