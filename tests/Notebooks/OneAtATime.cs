namespace Logitscope.Tests.Notebooks;

/// <summary>A notebook borrows the console, the current directory and the environment of the process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class OneAtATime
{
    public const string Name = "notebooks";
}
