namespace AttentionOperator.Rollouts;

/// <summary>Where replicas and traffic of a rollout should go next; <see cref="CapacityPlan"/> says how far they can go now.</summary>
/// <param name="Weight">Percent of traffic for the revision in rollout.</param>
/// <param name="Replicas">Replicas of it that are wanted; 0 takes it away.</param>
/// <param name="AtOnce">The weight may fall at once, whatever the receiving side can take: what is condemned gets no more requests.</param>
/// <param name="Swap">The two revisions cannot run beside each other.</param>
/// <param name="Closed">Replicas may come up, but the weight may not rise.</param>
/// <param name="CarriedAt">Desired replicas at which the published weight last had the replicas that it needs; null: as many as are desired now.</param>
internal readonly record struct CapacityGoal(int Weight, int Replicas, bool AtOnce = false, bool Swap = false, bool Closed = false, int? CarriedAt = null);
