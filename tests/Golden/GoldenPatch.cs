namespace Logitscope.Tests.Golden;

/// <summary>An entry of patches.json: edits made together in one run.</summary>
internal sealed record GoldenPatch(int[] SourceIds, int[] TargetIds, GoldenEdit[] Edits);
