using System.Text.RegularExpressions;

namespace Logitscope.Cli.Pages;

/// <summary>Why a cell failed, and where, read out of the text that the engine stores. It stores no line of a cell that ran.</summary>
/// <param name="Error">Type and message of the exception without its wrappers, or the compiler's first error.</param>
/// <param name="Line">1-based line of the cell, or null where several could have failed.</param>
/// <param name="Details">
/// The compiler's other errors, or the calls from the cell to where it was thrown, innermost first; none for an error of
/// this library, whose message is enough.
/// </param>
internal sealed partial record CellFailure(string Error, int? Line, IReadOnlyList<string> Details)
{
    private static readonly string[] s_wrappers =
        ["System.AggregateException:", "System.Reflection.TargetInvocationException:", "System.TypeInitializationException:"];

    /// <summary>Reads the engine's text.</summary>
    /// <param name="source">The cell.</param>
    /// <param name="text">The compiler's errors, or what an exception says of itself.</param>
    public static CellFailure Of(string source, string text)
    {
        text = text.ReplaceLineEndings("\n");
        if (Compiler().Match(text) is { Success: true } compiler)
        {
            return new(compiler.Groups["error"].Value, int.Parse(compiler.Groups["line"].Value), [.. text.Split('\n').Skip(1)]);
        }

        // System.AggregateException: ...\n ---> System.FormatException: ...\n   at ...\n   --- End of inner exception ...
        var chain = text.Split("\n ---> ");
        var thrown = Array.Find(chain, link => !Array.Exists(s_wrappers, link.StartsWith)) ?? chain[^1];
        var message = Trace().Split(thrown, 2)[0].ReplaceLineEndings(" ");
        string[] calls = [.. Call().Matches(text).Select(call => call.Groups["name"].Value).TakeWhile(name => !IsCell(name))];
        return new(
            ShortName(message),
            LineOf(source, calls),
            message.StartsWith("Logitscope.", StringComparison.Ordinal)
                ? []
                : [.. calls.Select(call => $"   at {Submission().Replace(call, "")}")]);
    }

    /// <summary>The one line that names what the cell called; null where none or several do.</summary>
    private static int? LineOf(string source, string[] calls)
    {
        var lines = source.Split('\n').Index().Where(line => !string.IsNullOrWhiteSpace(line.Item)).ToArray();
        if (lines.Length > 1)
        {
            var word = new Regex($@"\b{Regex.Escape(calls.Length == 0 ? "throw" : PlainName(calls[^1]))}\b");
            lines = [.. lines.Where(line => word.IsMatch(line.Item))];
        }

        return lines.Length == 1 ? lines[0].Index + 1 : null;
    }

    /// <summary>Whether a frame is the cell itself or a lambda of it, and not a method that a cell declares.</summary>
    private static bool IsCell(string name) => Submission().IsMatch(name) && TopLevel().IsMatch(name);

    /// <summary>Settings.get_Data: Data; Foo..ctor: Foo; Sweep.&lt;RunAsync&gt;d__3.MoveNext: RunAsync.</summary>
    private static string PlainName(string call)
    {
        var name = MadeByCompiler().Match(call) is { Success: true } made
            ? made.Groups["name"].Value
            : call.Replace("..ctor", "").Split('[')[0].Split('.')[^1];
        return Accessor().Replace(name, "");
    }

    /// <summary>System.FormatException: text as FormatException: text.</summary>
    private static string ShortName(string message) =>
        message.IndexOf(':', StringComparison.Ordinal) is var end and >= 0
            ? message[(message.LastIndexOf('.', end) + 1)..]
            : message;

    [GeneratedRegex(@"^\((?<line>\d+),\d+\): error (?<error>.*)")]
    private static partial Regex Compiler();

    [GeneratedRegex(@"\n\s+(?:at |--- )")]
    private static partial Regex Trace();

    [GeneratedRegex(@"^\s+at (?<name>[^(\n]+)\(", RegexOptions.Multiline)]
    private static partial Regex Call();

    [GeneratedRegex(@"^Submission#\d+\.")]
    private static partial Regex Submission();

    [GeneratedRegex(@"<<Initialize>>[bd]__")]
    private static partial Regex TopLevel();

    [GeneratedRegex(@"g__(?<name>\w+)\||<(?<name>\w+)>")]
    private static partial Regex MadeByCompiler();

    [GeneratedRegex(@"^[gs]et_")]
    private static partial Regex Accessor();
}
