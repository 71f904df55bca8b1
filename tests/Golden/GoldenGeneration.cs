namespace Logitscope.Tests.Golden;

/// <summary>An entry of generations.json: what follows a prompt, with edits to its residuals or without.</summary>
internal sealed record GoldenGeneration(int[] PromptIds, int[] SourceIds, GoldenEdit[] Edits, int[] GeneratedIds);
