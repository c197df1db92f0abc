using System.CommandLine;
using AttentionOperator.Api.Schema;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Packaging.Access;
using AttentionOperator.Packaging.ApiReference;
using AttentionOperator.Packaging.Dependencies;

var root = new RootCommand("Writes what a release has besides its programs.")
{
    ApiReferenceCommand(),
    ThirdPartyCommand(),
    SbomCommand(),
    AccessCommand.Build(),
};
return await root.Parse(args).InvokeAsync();

static Command ApiReferenceCommand()
{
    var kind = new Argument<string>("kind") { Description = "Kind of the API.", DefaultValueFactory = _ => nameof(AttentionModel) };
    kind.AcceptOnlyFromAmong([.. CrdGenerator.Kinds.Select(type => type.Name)]);
    var command = new Command("api-reference", "Print docs/api.md or docs/api-policies.md, made from the types of a kind.") { kind };
    command.SetAction(parsed => Console.Write(ApiReferenceWriter.Write(CrdGenerator.Generate(
        XmlDocumentation.Beside(typeof(AttentionModel).Assembly), CrdGenerator.Kinds.Single(type => type.Name == parsed.GetValue(kind))))));
    return command;
}

static Command ThirdPartyCommand()
{
    var projects = Projects();
    var command = new Command("third-party", "Print docs/third-party.md: the packages of the restored projects and their licences.") { projects };
    command.SetAction(parsed => Console.Write(ThirdPartyWriter.Write(parsed.GetValue(projects)!.Select(AssetsReader.Read))));
    return command;
}

static Command SbomCommand()
{
    var projects = Projects();
    var version = new Option<string>("--product-version") { Description = "Version of the product.", Required = true };
    var output = new Option<DirectoryInfo>("--output") { Description = "Directory for one file per project.", Required = true };
    var command = new Command("sbom", "Write a CycloneDX bill of materials per restored project.") { projects, version, output };
    command.SetAction(parsed =>
    {
        var directory = parsed.GetValue(output)!;
        directory.Create();
        foreach (var assets in parsed.GetValue(projects)!.Select(AssetsReader.Read))
        {
            var path = Path.Combine(directory.FullName, assets.Project + ".cdx.json");
            File.WriteAllText(path, SbomWriter.Write(assets, parsed.GetValue(version)!));
            Console.WriteLine(path);
        }
    });
    return command;
}

static Argument<DirectoryInfo[]> Projects() => new("project") { Description = "Directories of restored projects.", Arity = ArgumentArity.OneOrMore };
