using System.CommandLine;
using AttentionOperator.Api.Serialization;

namespace AttentionOperator.Packaging.Access;

/// <summary><c>access</c>: fails where roles grant too little or too much for what was recorded.</summary>
internal static class AccessCommand
{
    public static Command Build()
    {
        var program = new Option<string>("--program") { Description = "Name by which the program calls the API server (its user agent).", Required = true };
        var roles = new Option<FileInfo[]>("--roles") { Description = "Manifests with its roles.", Required = true, AllowMultipleArgumentsPerToken = true };
        var calls = new Option<DirectoryInfo>("--calls") { Description = "Directory that SANDBOX_ACCESS_LOG named during the tests.", Required = true };
        var allowUnused = new Option<bool>("--allow-unused") { Description = "Only report rules that nothing used." };
        var command = new Command("access", "Compare the recorded calls of a program with its roles.") { program, roles, calls, allowUnused };
        command.SetAction(parsed =>
        {
            var uses = parsed.GetValue(calls)!.EnumerateFiles("*.log").SelectMany(file => File.ReadLines(file.FullName)).Select(AccessUse.Parse)
                .Where(use => use.Program == parsed.GetValue(program) || use.Program.StartsWith(parsed.GetValue(program) + "/", StringComparison.Ordinal)).Distinct().ToList();
            var rules = parsed.GetValue(roles)!.SelectMany(file => AccessRule.Of(YamlDocuments.Parse(File.ReadAllText(file.FullName)))).ToList();
            var audit = AccessAudit.Of(uses, rules);
            foreach (var use in audit.Missing)
            {
                Console.Error.WriteLine($"{parsed.GetValue(program)} uses what no role grants: {use}");
            }

            foreach (var rule in audit.Unused)
            {
                Console.Error.WriteLine($"{parsed.GetValue(program)} is granted what no test uses: {rule}");
            }

            Console.WriteLine($"{parsed.GetValue(program)}: {uses.Count} kinds of calls, {rules.Count} rules, {audit.Missing.Count} missing, {audit.Unused.Count} unused");
            return audit.Missing.Count == 0 && (audit.Unused.Count == 0 || parsed.GetValue(allowUnused)) && uses.Count > 0 ? 0 : 1;
        });
        return command;
    }
}
