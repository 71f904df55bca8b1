namespace Logitscope.Tests;

/// <summary>Tests that measure the whole process, or change it, run one after another with nothing beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
