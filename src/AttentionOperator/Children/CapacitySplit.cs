using System.Globalization;
using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Children;

/// <summary>How the replicas of a revision are split over its parts. Pure.</summary>
internal static class CapacitySplit
{
    /// <param name="spot">The revision's policy.</param>
    /// <param name="floor"><c>spec.onDemandReplicas</c>, as it is now.</param>
    /// <param name="replicas">Replicas of the revision.</param>
    public static IReadOnlyList<(PodCapacity Capacity, int Replicas)> Of(SpotPolicy? spot, string floor, int replicas)
    {
        if (spot != SpotPolicy.Allow)
        {
            return [(PodCapacity.Any, replicas)];
        }

        var onDemand = Math.Min(replicas, Floor(floor, replicas));
        return [(PodCapacity.OnDemand, onDemand), (PodCapacity.Spot, replicas - onDemand)];
    }

    // A spec that became invalid after the revision was made keeps the default's promise.
    private static int Floor(string text, int replicas)
    {
        var percent = text.EndsWith('%');
        return !long.TryParse(percent ? text.AsSpan(0, text.Length - 1) : text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? 1
            : (int)Math.Min(int.MaxValue, percent ? ((replicas * number) + 99) / 100 : number);
    }
}
