using AttentionOperator.Sandbox.NodeAgent.Containers;
using AttentionOperator.Sandbox.NodeAgent.Images;
using AttentionOperator.Sandbox.NodeAgent.Probes;
using AttentionOperator.Sandbox.NodeAgent.Processes;
using AttentionOperator.Sandbox.NodeAgent.Volumes;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.Sandbox.NodeAgent.Pods;

/// <summary>What the pods of a node share.</summary>
internal sealed record PodServices(
    TimeProvider Time,
    ProcessSpawner Spawner,
    HandlerRunner Handlers,
    ImageMap Images,
    VolumeManager Volumes,
    EnvironmentBuilder Environment,
    IPodApi Api,
    NodeSettings Node,
    ILogger Logger);
