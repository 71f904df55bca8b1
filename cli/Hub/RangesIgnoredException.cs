namespace Logitscope.Cli.Hub;

/// <summary>The server sends the whole file where a part was asked for.</summary>
internal sealed class RangesIgnoredException() : Exception("the server ignores ranges");
