namespace AttentionOperator.Sandbox.Admission;

/// <summary>Changes or refuses a write before it is stored.</summary>
internal interface IAdmissionPlugin
{
    Task MutateAsync(AdmissionAttributes attributes) => Task.CompletedTask;

    Task ValidateAsync(AdmissionAttributes attributes) => Task.CompletedTask;
}
