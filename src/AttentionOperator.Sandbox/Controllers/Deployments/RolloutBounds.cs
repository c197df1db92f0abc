using System.Globalization;
using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Deployments;

/// <summary>How many pods a rollout may have above the wanted number, and how many of them may be missing.</summary>
internal readonly record struct RolloutBounds(int MaxSurge, int MaxUnavailable)
{
    /// <summary>Percentages of the wanted number: the surge is rounded up, the unavailability down; never both zero.</summary>
    public static RolloutBounds Of(V1DeploymentSpec spec)
    {
        var replicas = spec.Replicas ?? 1;
        if (spec.Strategy?.Type == "Recreate" || replicas == 0)
        {
            return new RolloutBounds(0, 0);
        }

        var rolling = spec.Strategy?.RollingUpdate;
        var surge = Resolve(rolling?.MaxSurge?.Value ?? "25%", replicas, roundUp: true);
        var unavailable = Resolve(rolling?.MaxUnavailable?.Value ?? "25%", replicas, roundUp: false);
        return surge == 0 && unavailable == 0
            ? new RolloutBounds(0, 1)
            : new RolloutBounds(surge, Math.Min(unavailable, replicas));
    }

    /// <summary>A number, or a percentage of a total.</summary>
    public static int Resolve(string value, int total, bool roundUp)
    {
        if (!value.EndsWith('%'))
        {
            return int.Parse(value, CultureInfo.InvariantCulture);
        }

        var share = total * decimal.Parse(value[..^1], CultureInfo.InvariantCulture) / 100;
        return (int)(roundUp ? decimal.Ceiling(share) : decimal.Floor(share));
    }
}
