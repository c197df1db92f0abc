namespace AttentionOperator.Gateway.Slis;

/// <summary>Requests in flight of one revision; shared when its counters are replaced, because requests begin and end on either side of the change.</summary>
internal sealed class InFlightGauge
{
    public long Count;
}
