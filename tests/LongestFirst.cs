using Logitscope.Tests;
using Logitscope.Tests.Notebooks;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Logitscope.Tests;

/// <summary>What takes minutes begins first, so that nothing runs alone at the end while a core is idle.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] s_long = [nameof(WorkbookRun), "BrowserTests", "TokenizerFuzzTests", "RoundTripTests", "SweepEngineTests"];

    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(one => Array.FindIndex(s_long, name => one.TestCollectionDisplayName.Contains(name, StringComparison.Ordinal)) is >= 0 and var place ? place : s_long.Length)];
}
