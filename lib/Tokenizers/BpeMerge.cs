namespace Logitscope.Tokenizers;

/// <summary>One line of merges.txt in ids: left and right become product.</summary>
internal readonly record struct BpeMerge(int Left, int Right, int Product);
