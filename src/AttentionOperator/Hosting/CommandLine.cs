using System.CommandLine;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Schema;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Client;

namespace AttentionOperator.Hosting;

/// <summary>Options of <c>attention-operator</c>, and the sub-command <c>crd</c>.</summary>
internal static class CommandLine
{
    public static RootCommand Build(Func<OperatorOptions, CancellationToken, Task<int>> run)
    {
        var ns = new Option<string>("--namespace") { Description = "Namespace to watch; all where it is left out.", DefaultValueFactory = _ => Variable("WATCH_NAMESPACE") ?? "" };
        var elect = new Option<bool>("--leader-elect") { Description = "Act only while holding the lease; false for a single replica.", DefaultValueFactory = _ => true };
        var lease = new Option<string?>("--lease-namespace") { Description = "Namespace of the lease; the operator's own where it is left out.", DefaultValueFactory = _ => Variable("POD_NAMESPACE") };
        var identity = new Option<string>("--identity") { Description = "Name of this candidate for the lease.", DefaultValueFactory = _ => Variable(EnvironmentNames.PodName) ?? Environment.MachineName };
        var listen = new Option<string>("--listen") { Description = "Address and port of /metrics and /health.", DefaultValueFactory = _ => $"{Address()}:{PortNames.AdminPort}" };
        var secureListen = new Option<string>("--secure-listen") { Description = "Address and port of HTTPS for the API server's calls.", DefaultValueFactory = _ => $"{Address()}:{PortNames.Webhook}" };
        var serviceName = new Option<string?>("--service-name") { Description = "Service in front of --secure-listen, in the operator's namespace; without it HTTPS is not served." };
        var certificates = new Option<string?>("--certificate-directory") { Description = "Directory with tls.crt and tls.key that somebody else renews; without it the operator issues its own." };
        var webhooks = new Option<string?>("--webhook-configuration") { Description = "Name of the mutating and the validating webhook configuration whose caBundle is kept." };
        var metricsApis = new Option<bool>("--metrics-apis") { Description = "Serve the metrics that HorizontalPodAutoscalers read over HTTPS, as an aggregated API server.", DefaultValueFactory = _ => true };
        var checkSecrets = new Option<bool>("--check-secrets") { Description = "Warn about Secrets that a model names and that do not exist; needs the right to get Secrets." };
        var workers = new Option<int>("--workers") { Description = "AttentionModels that are reconciled at once.", DefaultValueFactory = _ => 4 };
        var image = new Option<string>("--runtime-image") { Description = "Image of the runtime for AttentionModels that name none.", DefaultValueFactory = _ => Variable("RUNTIME_IMAGE") ?? "attention-runtime" };
        var gateway = new Option<string?>("--gateway-url") { Description = "Base URL of the OpenAI API that status.url shows.", DefaultValueFactory = _ => Variable("GATEWAY_URL") };
        var gatewayNamespace = new Option<string?>("--gateway-namespace") { Description = "Namespace of the gateways whose counters judge rollouts; the watched one where it is left out.", DefaultValueFactory = _ => Variable("GATEWAY_NAMESPACE") };
        var notify = new Option<string?>("--notify-url") { Description = "Webhook that decisions of rollouts are posted to, as CloudEvents.", DefaultValueFactory = _ => Variable("NOTIFY_URL") };
        var retrain = new Option<string?>("--retrain-url") { Description = "Webhook that is posted to, as a CloudEvent, when quality or an evaluation condemned a revision.", DefaultValueFactory = _ => Variable("RETRAIN_URL") };
        foreach (var hook in (Option<string?>[])[notify, retrain])
        {
            hook.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<string?>() is { } url && !(Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
                {
                    // Such addresses hold tokens, and this ends up in a log.
                    result.AddError($"{hook.Name} (or {VariableOf(hook.Name)}) is no http or https address; its value of {url.Length} characters is not shown, because it may hold a token. Give it as https://host/path");
                }
            });
        }

        var hostPaths = new Option<string[]>("--allow-host-path") { Description = "Directory of the nodes that file:// uris may name; may be given several times.", DefaultValueFactory = _ => [] };
        var networkPolicies = new Option<bool>("--network-policies") { Description = "Make a NetworkPolicy per model, by which only gateways, the operator and Prometheus reach its pods.", DefaultValueFactory = _ => true };
        var qps = new Option<double>("--kube-api-qps") { Description = "Requests per second to the API server after a burst; 0 or less sets no limit.", DefaultValueFactory = _ => new KubeConnectionOptions().QueriesPerSecond };
        var burst = new Option<int>("--kube-api-burst") { Description = "Requests to the API server before the limit counts.", DefaultValueFactory = _ => new KubeConnectionOptions().Burst };
        var kubeConfig = new Option<string?>("--kubeconfig") { Description = "Path of a kubeconfig; default: the service account, then KUBECONFIG." };
        var logLevel = new Option<LogLevel>("--log-level") { Description = "Least severe messages that are logged.", DefaultValueFactory = _ => LogLevel.Information };
        var root = new RootCommand("Serves transformer models on Kubernetes: reconciles AttentionModels.")
        {
            ns, elect, lease, identity, listen, secureListen, serviceName, certificates, webhooks, metricsApis, checkSecrets, workers, image, gateway, gatewayNamespace, notify, retrain, hostPaths, networkPolicies, qps, burst, kubeConfig, logLevel,
        };
        root.SetAction((parsed, cancellation) => run(
            new OperatorOptions
            {
                Namespace = parsed.GetValue(ns) ?? "",
                LeaderElection = parsed.GetValue(elect),
                LeaseNamespace = parsed.GetValue(lease),
                Identity = parsed.GetValue(identity)!,
                Listen = parsed.GetValue(listen)!,
                SecureListen = parsed.GetValue(secureListen)!,
                ServiceName = parsed.GetValue(serviceName),
                CertificateDirectory = parsed.GetValue(certificates),
                WebhookConfiguration = parsed.GetValue(webhooks),
                MetricsApis = parsed.GetValue(metricsApis),
                CheckSecrets = parsed.GetValue(checkSecrets),
                Workers = parsed.GetValue(workers),
                RuntimeImage = parsed.GetValue(image)!,
                GatewayUrl = parsed.GetValue(gateway),
                NotifyUrl = parsed.GetValue(notify),
                RetrainUrl = parsed.GetValue(retrain),
                GatewayNamespace = parsed.GetValue(gatewayNamespace),
                HostPaths = parsed.GetValue(hostPaths) ?? [],
                NetworkPolicies = parsed.GetValue(networkPolicies),
                QueriesPerSecond = parsed.GetValue(qps),
                Burst = parsed.GetValue(burst),
                KubeConfig = parsed.GetValue(kubeConfig),
                LogLevel = parsed.GetValue(logLevel),
            },
            cancellation));
        root.Subcommands.Add(CrdCommand());
        return root;
    }

    private static Command CrdCommand()
    {
        var output = new Option<DirectoryInfo?>("--output") { Description = "Directory for one file per kind, in place of printing them." };
        var command = new Command("crd", "Print the CustomResourceDefinitions.") { output };
        command.SetAction(parsed =>
        {
            var documentation = XmlDocumentation.Beside(typeof(AttentionModel).Assembly);
            foreach (var kind in CrdGenerator.Kinds)
            {
                var yaml = CrdGenerator.GenerateYaml(documentation, kind);
                if (parsed.GetValue(output) is { } directory)
                {
                    directory.Create();
                    File.WriteAllText(Path.Combine(directory.FullName, CrdGenerator.FileName(kind)), yaml);
                }
                else
                {
                    Console.Write("---\n" + yaml);
                }
            }
        });
        return command;
    }

    // A pod's own address where it has one, so that several processes of one machine do not clash on a port.
    private static string Address() => Variable(EnvironmentNames.PodIp) is { } ip ? ip.Contains(':', StringComparison.Ordinal) ? $"[{ip}]" : ip : "127.0.0.1";

    /// <summary>The variable that stands for an option.</summary>
    private static string VariableOf(string option) => option.TrimStart('-').Replace('-', '_').ToUpperInvariant();

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
