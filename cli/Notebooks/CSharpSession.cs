using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Html;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.CodeAnalysis.Scripting.Hosting;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Formatting;

namespace Logitscope.Cli.Notebooks;

/// <summary>The C# state that grows from cell to cell.</summary>
internal sealed class CSharpSession
{
    /// <summary>What one cell came to.</summary>
    /// <param name="HasValue">Whether it ended in an expression.</param>
    /// <param name="Value">That expression's value.</param>
    /// <param name="Failure">Why it failed, or null.</param>
    public sealed record Result(bool HasValue, object? Value, CellFailure? Failure);

    private readonly InteractiveAssemblyLoader _loader;
    private readonly ScriptOptions _options;
    private ScriptState<object>? _state;

    /// <param name="folder">Where <c>#r "relative.dll"</c> starts.</param>
    /// <param name="loader">Shared by all notebooks of a process, so that each library is loaded once.</param>
    public CSharpSession(string folder, InteractiveAssemblyLoader loader)
    {
        _loader = loader;
        _options = ScriptOptions.Default
            .WithMetadataResolver(new NotebookReferences(folder))
            .WithLanguageVersion(LanguageVersion.CSharp13)
            .WithEmitDebugInformation(true)
            .WithFileEncoding(Encoding.UTF8)
            .AddReferences(
                typeof(object).Assembly,
                typeof(Enumerable).Assembly,
                typeof(Kernel).Assembly,
                typeof(Formatter).Assembly,
                typeof(IHtmlContent).Assembly)
            .AddImports(
                "System",
                "System.Text",
                "System.Collections",
                "System.Collections.Generic",
                "System.Threading.Tasks",
                "System.Linq",
                "Microsoft.DotNet.Interactive.Kernel");
    }

    /// <summary>Runs one cell on what the cells before it left.</summary>
    /// <param name="source">C# 13 script.</param>
    /// <param name="document">Name that stack traces use for the cell.</param>
    public async Task<Result> RunAsync(string source, string document)
    {
        var cell = _options.WithFilePath(document);
        var script = _state is null
            ? CSharpScript.Create<object>(source, cell, assemblyLoader: _loader)
            : _state.Script.ContinueWith<object>(source, cell);
        var errors = script.Compile().Where(d => d.Severity == DiagnosticSeverity.Error).ToList();
        if (errors.Count > 0)
        {
            return new Result(false, null, CellFailure.FromDiagnostics(errors));
        }

        _state = await (_state is null
            ? script.RunAsync(null, _ => true, CancellationToken.None)
            : script.RunFromAsync(_state, _ => true, CancellationToken.None)).ConfigureAwait(false);
        return _state.Exception is { } exception
            ? new Result(false, null, CellFailure.FromException(exception, document))
            : new Result(HasReturnValue(script), _state.ReturnValue, null);
    }

    /// <summary>Tells <c>x</c> from <c>x;</c>, which the public interface does not.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method)]
    private static extern bool HasReturnValue(Script script);
}
