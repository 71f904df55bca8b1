using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Logitscope.Tests.Notebooks;

[Collection(OneAtATime.Name)]
public sealed class ReferenceTests : IDisposable
{
    private readonly NotebookFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_relative_reference_starts_at_the_notebooks_folder_and_brings_its_neighbours()
    {
        Compile("deps/Inner.dll", "namespace Inner { public static class Number { public static int Value => 41; } }");
        Compile(
            "deps/Outer.dll",
            "namespace Outer { public static class Sum { public static int Next => Inner.Number.Value + 1; } }",
            _folder.PathOf("deps", "Inner.dll"));
        _folder.Add("books/use.ipynb", "#r \"../deps/Outer.dll\"\nusing Outer;", "Sum.Next");
        var run = await _folder.RunAsync(_folder.PathOf("books", "use.ipynb"));

        Assert.Equal(["execute_result: 42"], run.Outputs("use.ipynb", "c2"));
    }

    [Fact]
    public async Task A_library_is_loaded_once_for_all_notebooks_of_a_run()
    {
        Compile("Shared.dll", "public static class Shared { public static int Count; }");
        _folder.Add("a.ipynb", "#r \"Shared.dll\"\nShared.Count++;");
        _folder.Add("b.ipynb", "#r \"Shared.dll\"\nShared.Count");
        var run = await _folder.RunAsync(_folder.PathOf("a.ipynb"), _folder.PathOf("b.ipynb"));

        Assert.Equal(["execute_result: 1"], run.Outputs("b.ipynb", "c1"));
    }

    [Fact]
    public async Task A_type_that_follows_the_formatter_convention_shows_itself()
    {
        Compile("Shown.dll", """
            using System; using System.Collections.Generic; using System.IO;
            [TypeFormatterSource(typeof(Source), PreferredMimeTypes = new[] { "text/html", "text/plain" })]
            public class Shown { }
            internal sealed class TypeFormatterSourceAttribute : Attribute
            {
                public TypeFormatterSourceAttribute(Type type) => FormatterSourceType = type;
                public Type FormatterSourceType { get; }
                public string[] PreferredMimeTypes { get; set; }
            }
            internal sealed class Source
            {
                public IEnumerable<object> CreateTypeFormatters() =>
                    new object[] { new Formatter("text/html"), new Formatter("text/plain") };
            }
            internal sealed class Formatter
            {
                public Formatter(string mimeType) => MimeType = mimeType;
                public string MimeType { get; }
                public bool Format(object value, TextWriter to) { to.Write("as " + MimeType); return true; }
            }
            """);
        _folder.Add("shown.ipynb", "#r \"Shown.dll\"", "new Shown()");
        var run = await _folder.RunAsync(_folder.PathOf("shown.ipynb"));

        var data = run.Cell("shown.ipynb", "c2")["outputs"]![0]!["data"]!;
        Assert.Equal("""{"text/html":["as text/html"],"text/plain":["as text/plain"]}""", data.ToJsonString());
    }

    [Fact]
    public async Task An_error_of_our_library_is_shown_by_its_message_alone()
    {
        Directory.CreateDirectory(_folder.PathOf("lib"));
        File.Copy(typeof(LogitscopeException).Assembly.Location, _folder.PathOf("lib", "Logitscope.Lib.dll"));
        _folder.Add(
            "user.ipynb",
            "#r \"lib/Logitscope.Lib.dll\"",
            "throw new Logitscope.LogitscopeException(\"layer 28: expected 0 to 27\");");
        var run = await _folder.RunAsync(_folder.PathOf("user.ipynb"));

        Assert.Contains(
            "cell [2] (c2), line 1: LogitscopeException: layer 28: expected 0 to 27\n",
            run.Error,
            StringComparison.Ordinal);
        Assert.Equal(
            "[\"layer 28: expected 0 to 27\"]",
            run.Cell("user.ipynb", "c2")["outputs"]![0]!["traceback"]!.ToJsonString());
    }

    [Fact]
    public async Task The_runners_own_library_is_not_there_for_a_notebook_that_does_not_ask()
    {
        var run = await _folder.RunAsync(_folder.Add("none.ipynb", "new Logitscope.LogitscopeException(\"\")"));

        Assert.Contains("CS0234", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reference_to_nothing_is_a_compile_error()
    {
        var run = await _folder.RunAsync(_folder.Add("none.ipynb", "#r \"none.dll\""));

        Assert.Contains(
            "(1,1): error CS0006: Metadata file 'none.dll' could not be found", run.Error, StringComparison.Ordinal);
    }

    private void Compile(string name, string source, params string[] references)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.PathOf(name))!);
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal));
        var result = CSharpCompilation.Create(
            Path.GetFileNameWithoutExtension(name),
            [CSharpSyntaxTree.ParseText(source)],
            platform.Concat(references).Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary)).Emit(_folder.PathOf(name));
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
    }
}
