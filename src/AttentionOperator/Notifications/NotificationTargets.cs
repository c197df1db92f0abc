namespace AttentionOperator.Notifications;

/// <summary>Where notifications go. The installation names the addresses, not a model: what a tenant could name, the operator would call from within its network.</summary>
/// <param name="Webhook">Gets every decision of a rollout; null: nobody does.</param>
/// <param name="Retrain">Is asked for retraining; null: nobody is.</param>
internal sealed record NotificationTargets(Uri? Webhook, Uri? Retrain);
