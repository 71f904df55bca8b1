using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace Logitscope.Cli.Notebooks;

/// <summary>Why a cell failed, and where.</summary>
/// <param name="Error">As the notebook stores it.</param>
/// <param name="Line">1-based line of the cell, where known.</param>
internal sealed partial record CellFailure(ErrorOutput Error, int? Line)
{
    /// <summary>What the compiler calls the top level of a cell.</summary>
    private const string TopLevel = "<Initialize>";

    private static readonly string[] s_plumbing =
    [
        "System.Runtime",
        "System.Reflection",
        "Microsoft.CodeAnalysis",
        "Microsoft.DotNet.Interactive",
        "Logitscope.Cli",
    ];

    /// <summary>Errors that the compiler found.</summary>
    public static CellFailure FromDiagnostics(IReadOnlyList<Diagnostic> errors)
    {
        var lines = errors.Select(error =>
        {
            var start = error.Location.GetLineSpan().StartLinePosition;
            return $"({start.Line + 1},{start.Character + 1}): error {error.Id}: {error.GetMessage()}";
        }).ToList();
        return new CellFailure(
            new ErrorOutput("CompilationError", lines[0], lines),
            errors[0].Location.GetLineSpan().StartLinePosition.Line + 1);
    }

    /// <summary>An exception that left the cell.</summary>
    /// <param name="exception">What was thrown; wrappers that say nothing are taken off.</param>
    /// <param name="document">Name under which the cell was compiled.</param>
    public static CellFailure FromException(Exception exception, string document)
    {
        List<StackFrame> frames = [.. Frames(exception)];
        while (exception
            is AggregateException { InnerExceptions.Count: 1 }
            or TargetInvocationException { InnerException: { } }
            or TypeInitializationException { InnerException: { } })
        {
            exception = exception.InnerException!;
            frames.InsertRange(0, Frames(exception));
        }

        var line = frames.FirstOrDefault(frame => frame.GetFileName() == document)?.GetFileLineNumber();
        var name = exception.GetType().Name;
        if (exception is LogitscopeException)
        {
            return new CellFailure(new ErrorOutput(name, exception.Message, [exception.Message]), line);
        }

        List<string> traceback = [$"{name}: {exception.Message}"];
        for (var inner = exception.InnerException; inner is not null; inner = inner.InnerException)
        {
            traceback.Add($"  because of {inner.GetType().Name}: {inner.Message}");
        }

        traceback.AddRange(frames.Select(Describe).OfType<string>());
        return new CellFailure(new ErrorOutput(name, exception.Message, traceback), line);
    }

    /// <summary>The run was interrupted and the cell did not end.</summary>
    public static CellFailure Abandoned(TimeSpan grace)
    {
        var message = $"interrupted; the cell did not stop within {grace.TotalSeconds:0} s";
        return new CellFailure(new ErrorOutput(nameof(OperationCanceledException), message, [message]), null);
    }

    private static StackFrame[] Frames(Exception exception) =>
        new StackTrace(exception, fNeedFileInfo: true).GetFrames();

    /// <summary>A frame as a reader wants it, without the paths of the machine that built the code.</summary>
    private static string? Describe(StackFrame frame)
    {
        if (frame.GetMethod() is not { } method || IsPlumbing(method))
        {
            return null;
        }

        var name = ReadableName(method);
        var place = $"{frame.GetFileName()}, line {frame.GetFileLineNumber()}";
        return !IsInCell(method.DeclaringType) ? $"   at {name}"
            : name is null ? $"   at {place}"
            : $"   at {name} in {place}";
    }

    private static bool IsSubmission(Type? type) =>
        type?.Name.StartsWith("Submission#", StringComparison.Ordinal) == true;

    private static bool IsInCell(Type? type) =>
        type is not null && (IsSubmission(type) || IsInCell(type.DeclaringType));

    /// <summary>Whether a frame belongs to the machinery between a cell and what it calls.</summary>
    private static bool IsPlumbing(MethodBase method) =>
        method.DeclaringType?.Namespace is { } space
        && Array.Exists(s_plumbing, prefix => space.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>
    /// Undoes the compiler's naming of async methods, local functions and lambdas; null for the top level of a cell.
    /// </summary>
    private static string? ReadableName(MethodBase method)
    {
        var type = method.DeclaringType;
        var name = method.Name;
        while (type is not null && MadeByCompiler().Match(type.Name) is { Success: true } generated)
        {
            name = name == "MoveNext" ? generated.Groups["inner"].Value : name;
            type = type.DeclaringType;
        }

        if (name == TopLevel)
        {
            return null;
        }

        if (MadeByCompiler().Match(name) is { Success: true, Groups: var groups })
        {
            name = groups["local"].Success ? groups["local"].Value
                : groups["inner"].Value == TopLevel ? "lambda"
                : $"{groups["inner"].Value} lambda";
        }

        return IsSubmission(type) ? name : $"{type?.Name.Split('`')[0]}.{name}";
    }

    // <Run>d__0 (async), <Run>b__3_0 (lambda), <Run>g__Helper|0_1 (local function), <>c__DisplayClass1_0 (captured)
    [GeneratedRegex(@"^<(?<inner>.*)>(?:g__(?<local>\w+)\||[a-zA-Z])")]
    private static partial Regex MadeByCompiler();
}
