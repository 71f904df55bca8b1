using FsCheck.Fluent;
using Logitscope.Cli.Pages;

namespace Logitscope.Tests.Notebooks;

/// <summary>What the engine stores of a failure has no line of the cell; it is found by what the cell called.</summary>
public class CellFailureTests
{
    private const string Plumbing =
        "\n--- End of stack trace from previous location ---\n   at Microsoft.CodeAnalysis.Scripting.ScriptExecutionState.RunSubmissionsAsync[T](X x)";

    [Theory]
    [InlineData("var a = 1;\nmissing", "(2,1): error CS0103: The name", "CS0103: The name", 2)]
    [InlineData("int.Parse(\"x\")", "System.FormatException: bad\n   at System.Int32.Parse(String s)\n   at Submission#9.<<Initialize>>d__0.MoveNext()", "FormatException: bad", 1)]
    [InlineData("var a = 1;\nvar m = Settings.Data;", "Logitscope.LogitscopeException: no data\n   at Logitscope.Settings.get_Data() in /x/S.cs:line 4\n   at Submission#2.<<Initialize>>d__0.MoveNext()", "LogitscopeException: no data", 2)]
    [InlineData("var a = 1;\nvar f = new Foo(a);", "System.Exception: two\nlines\n   at Foo..ctor(Int32 a)\n   at Submission#2.<<Initialize>>d__0.MoveNext()", "Exception: two lines", 2)]
    [InlineData("var a = 1;\nawait Sweep.RunAsync(a);", "System.Exception: e\n   at S.Sweep.<RunAsync>d__3.MoveNext()\n   at Submission#2.<<Initialize>>d__0.MoveNext()", "Exception: e", 2)]
    [InlineData("var a = 1;\nthrow new Exception(\"e\");", "System.Exception: e\n   at Submission#2.<<Initialize>>d__0.MoveNext()", "Exception: e", 2)]
    [InlineData("Go(1);\nGo(2);", "System.Exception: e\n   at Submission#1.Go(Int32 a)\n   at Submission#2.<<Initialize>>d__0.MoveNext()", "Exception: e", null)]
    [InlineData("a\nb", "System.TypeInitializationException: The type\n ---> System.DllNotFoundException: no torch\n   at X.Y()\n   --- End of inner exception stack trace ---\n   at Z.Q()", "DllNotFoundException: no torch", null)]
    [InlineData("a", "compilation error", "compilation error", 1)]
    public void Error_and_line_are_found(string source, string text, string error, int? line)
    {
        var failure = CellFailure.Of(source, text.Contains("\n   at ", StringComparison.Ordinal) ? text + Plumbing : text);
        Assert.Equal((error, line), (failure.Error, failure.Line));
    }

    [Fact]
    public void Calls_are_listed_up_to_the_cell_and_for_an_error_of_this_library_not_at_all()
    {
        const string calls = "\n   at Submission#1.Go(Int32 a) in /home/me/x.cs:line 3\n   at Submission#2.<<Initialize>>d__0.MoveNext()" + Plumbing;
        Assert.Equal(["   at Go"], CellFailure.Of("Go(1)", "System.Exception: e" + calls).Details);
        Assert.Empty(CellFailure.Of("Go(1)", "Logitscope.ModelException: e" + calls).Details);
    }

    [Fact]
    public void Any_text_is_read() =>
        Prop.ForAll<string, string>((source, text) => CellFailure.Of(source ?? "", text ?? "").Error is not null).Holds();
}
