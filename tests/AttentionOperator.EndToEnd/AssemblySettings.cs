using AttentionOperator.EndToEnd;
using Xunit.Sdk;
using Xunit.v3;

// One Sandbox serves all tests, one after the other: each test uses objects of its own name.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: AssemblyFixture(typeof(ProductFixture))]
