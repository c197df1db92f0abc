using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;

namespace AttentionOperator.Sandbox.Builtins;

/// <summary>What the API does for one built-in kind beyond its schema.</summary>
internal interface IKindRules
{
    /// <summary>Fills the kind's defaults; run on every write.</summary>
    void Default(JsonObject obj)
    {
    }

    /// <summary>Sets what the server decides at creation.</summary>
    void PrepareForCreate(JsonObject obj)
    {
    }

    /// <summary>Carries over what an update may not touch.</summary>
    void PrepareForUpdate(JsonObject obj, JsonObject live)
    {
    }

    /// <param name="obj">The object to be stored.</param>
    /// <param name="live">The stored object, or null at creation.</param>
    /// <param name="errors">Receives what is wrong.</param>
    void Validate(JsonObject obj, JsonObject? live, List<FieldError> errors)
    {
    }
}
