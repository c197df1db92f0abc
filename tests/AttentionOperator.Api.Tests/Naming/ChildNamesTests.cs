using System.Text.RegularExpressions;
using AttentionOperator.Api.Naming;
using CsCheck;

namespace AttentionOperator.Api.Tests.Naming;

public sealed class ChildNamesTests
{
    [Theory]
    [InlineData("chat", "chat-wxyz2345")]
    [InlineData("llama-3.1-8b", "llama-3-1-8b-7b6335-wxyz2345")]
    [InlineData("7b-chat", "m-7b-chat-e14c5e-wxyz2345")]
    public void Short_names_stay_readable(string model, string expected)
    {
        Assert.Equal(expected, ChildNames.Revision(model, "wxyz2345"));
    }

    [Fact]
    public void Names_are_valid_for_services_and_stay_within_63_characters() =>
        Gen.String[Gen.Char["abcdefghijklmnopqrstuvwxyz0123456789-."], 1, 253].Where(text => char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1])).Sample(model =>
        {
            var name = ChildNames.Revision(model, "bcdfghjk");
            return Regex.IsMatch(name, @"\A[a-z][-a-z0-9]{0,62}\z") && name.EndsWith("-bcdfghjk", StringComparison.Ordinal)
                && name == ChildNames.Revision(model, "bcdfghjk")
                && Regex.IsMatch(ChildNames.ServiceAccount(model), @"\A[a-z]([-a-z0-9]{0,61}[a-z0-9])?\z");
        });

    [Fact]
    public void Different_models_have_different_names()
    {
        var long1 = new string('a', 62) + "x";
        var long2 = new string('a', 62) + "y";
        Assert.NotEqual(ChildNames.Revision(long1, "bcdfghjk"), ChildNames.Revision(long2, "bcdfghjk"));
        Assert.NotEqual(ChildNames.Revision("a.b", "bcdfghjk"), ChildNames.Revision("a-b", "bcdfghjk"));
        Assert.NotEqual(ChildNames.ServiceAccount("7b"), ChildNames.ServiceAccount("m-7b"));
    }
}
