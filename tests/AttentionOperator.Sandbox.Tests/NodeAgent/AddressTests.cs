using AttentionOperator.Sandbox.NodeAgent.Addresses;

namespace AttentionOperator.Sandbox.Tests.NodeAgent;

public sealed class AddressTests
{
    [Fact]
    public void Claim_OfTwoSandboxes_GivesDifferentBlocks()
    {
        using var one = LoopbackBlock.Claim();
        using var two = LoopbackBlock.Claim();

        Assert.NotEqual(one.SecondOctet, two.SecondOctet);
    }

    [Fact]
    public void Acquire_GivesEachOwnerOneAddressAndReusesItLate()
    {
        using var block = LoopbackBlock.Claim();
        var pool = new AddressPool(block.Address, 1, 1);
        var first = pool.Acquire("a");
        Assert.Equal(first, pool.Acquire("a"));

        pool.Release("a");

        Assert.NotEqual(first, pool.Acquire("b"));
        for (var i = 0; i < 253; i++)
        {
            pool.Acquire($"more-{i}");
        }

        Assert.Equal(first, pool.Acquire("more-252"));
        Assert.Throws<InvalidOperationException>(() => pool.Acquire("too-many"));
    }
}
