namespace AttentionOperator.Sandbox.Admission;

/// <summary>The admission plugins in order: all mutate, then all validate.</summary>
internal sealed class AdmissionChain
{
    public List<IAdmissionPlugin> Plugins { get; } = [];

    public async Task MutateAsync(AdmissionAttributes attributes)
    {
        foreach (var plugin in Plugins) await plugin.MutateAsync(attributes).ConfigureAwait(false);
    }

    public async Task ValidateAsync(AdmissionAttributes attributes)
    {
        foreach (var plugin in Plugins) await plugin.ValidateAsync(attributes).ConfigureAwait(false);
    }
}
