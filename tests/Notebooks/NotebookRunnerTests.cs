namespace Logitscope.Tests.Notebooks;

[Collection(OneAtATime.Name)]
public sealed class NotebookRunnerTests : IDisposable
{
    private readonly NotebookFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_notebook_without_errors_ends_with_0()
    {
        var run = await _folder.RunAsync(NotebookFolder.Fixture("succeed.ipynb"));

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"^succeed\.ipynb  11/11 cells  \d+\.\d s\n$", run.Error);
        Assert.Equal(["execute_result: 0.25"], run.Outputs("succeed.ipynb", "scalar"));
        Assert.Equal(["execute_result: 42"], run.Outputs("succeed.ipynb", "await"));
        Assert.Empty(run.Outputs("succeed.ipynb", "quiet"));
    }

    [Fact]
    public async Task A_failed_cell_ends_the_run_with_2_and_is_named_with_its_line()
    {
        var run = await _folder.RunAsync(NotebookFolder.Fixture("fail.ipynb"), NotebookFolder.Fixture("succeed.ipynb"));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(
            """
            fail.ipynb: cell [3] (bad), line 3: InvalidOperationException: no layer 28: the model has 28
                Depth(layer + 1)
            succeed.ipynb  not run

            """,
            run.Error,
            StringComparison.Ordinal);
        Assert.Equal(
            ["stdout: about to fail\n", "error: InvalidOperationException: no layer 28: the model has 28"],
            run.Outputs("fail.ipynb", "bad"));
        Assert.Null(run.Cell("fail.ipynb", "later")["execution_count"]);
        Assert.False(File.Exists(Path.Combine(run.Out, "succeed.ipynb")));
    }

    [Fact]
    public async Task With_keep_going_later_cells_and_notebooks_run_and_the_exit_code_is_still_2()
    {
        var run = await _folder.RunAsync(
            [NotebookFolder.Fixture("fail.ipynb"), NotebookFolder.Fixture("compile-error.ipynb")], keepGoing: true);

        Assert.Equal(2, run.ExitCode);
        Assert.Equal(["execute_result: 27"], run.Outputs("fail.ipynb", "later"));
        Assert.Equal(["execute_result: 1"], run.Outputs("compile-error.ipynb", "after"));
    }

    [Fact]
    public async Task A_compile_error_shows_the_compilers_place_and_message()
    {
        var run = await _folder.RunAsync(NotebookFolder.Fixture("compile-error.ipynb"));

        Assert.Contains(
            "cell [2] (wrong), line 2: CompilationError: (2,13): error CS0103: The name 'missing' does not exist",
            run.Error,
            StringComparison.Ordinal);
        var traceback = run.Cell("compile-error.ipynb", "wrong")["outputs"]![0]!["traceback"]!.AsArray();
        Assert.Equal(2, traceback.Count);
        Assert.StartsWith("(3,12): error CS0029", (string)traceback[1]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stack_trace_names_cells_and_no_file_of_this_machine()
    {
        _folder.Add(
            "trace.ipynb",
            """
            async Task<int> Deep(int x) { await Task.Yield(); return new[] { x }.Select(v => Check(v)).First(); }
            int Check(int v) => v > 2 ? throw new ArgumentException("too deep") : v;
            """,
            "int Outer() { int Local() => Deep(3).Result; return Local(); }",
            "\nOuter()");
        var run = await _folder.RunAsync(_folder.PathOf("trace.ipynb"));

        Assert.Contains("cell [3] (c3), line 2: ArgumentException: too deep", run.Error, StringComparison.Ordinal);
        var error = run.Cell("trace.ipynb", "c3")["outputs"]![0]!;
        var traceback = error["traceback"]!.AsArray().Select(line => (string)line!).ToArray();
        Assert.Equal("ArgumentException: too deep", traceback[0]);
        Assert.Equal("   at Check in cell [1] (c1), line 2", traceback[1]);
        Assert.Contains("   at Deep lambda in cell [1] (c1), line 1", traceback);
        Assert.Contains("   at Local in cell [2] (c2), line 1", traceback);
        Assert.Equal("   at cell [3] (c3), line 2", traceback[^1]);
        Assert.DoesNotContain(traceback, line => line.Contains('/', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Task.Run(() => int.Parse(\"x\")).Wait();")]
    [InlineData("static class Setting { public static readonly int Value = int.Parse(\"x\"); }\nSetting.Value")]
    [InlineData("typeof(int).GetMethod(\"Parse\", [typeof(string)]).Invoke(null, [\"x\"])")]
    public async Task An_error_is_named_without_its_wrappers(string source)
    {
        var run = await _folder.RunAsync(_folder.Add("wrapped.ipynb", source));

        Assert.Equal(
            ["error: FormatException: The input string 'x' was not in a correct format."],
            run.Outputs("wrapped.ipynb", "c1"));
    }

    [Fact]
    public async Task Console_text_and_displays_keep_their_order()
    {
        _folder.Add(
            "order.ipynb",
            """
            Console.Write("a"); Console.Write('b'); Console.WriteLine(1.5);
            display("shown");
            Console.Error.WriteLine("c");
            Console.WriteLine("{0}", "d");
            "e".Display();
            HTML("<i>f</i>")
            """);
        var run = await _folder.RunAsync(_folder.PathOf("order.ipynb"));

        Assert.Equal(
            [
                "stdout: ab1.5\n", "display_data: shown", "stderr: c\n", "stdout: d\n", "display_data: e",
                "execute_result: <i>f</i>",
            ],
            run.Outputs("order.ipynb", "c1"));
    }

    [Fact]
    public async Task Writes_from_many_threads_are_all_kept()
    {
        _folder.Add(
            "threads.ipynb",
            """
            Parallel.For(0, 500, i => Console.WriteLine(i));
            await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => display(i))));
            """);
        var run = await _folder.RunAsync(_folder.PathOf("threads.ipynb"));

        var outputs = run.Outputs("threads.ipynb", "c1");
        Assert.Equal(51, outputs.Length);
        var lines = outputs[0]["stdout: ".Length..].TrimEnd('\n').Split('\n');
        Assert.Equal(Enumerable.Range(0, 500), lines.Select(int.Parse).Order());
    }

    [Fact]
    public async Task An_update_replaces_the_display_where_it_stands_also_from_a_later_cell()
    {
        _folder.Add(
            "update.ipynb",
            """
            using Microsoft.DotNet.Interactive;
            var shown = KernelInvocationContext.Current.Display("first");
            Console.WriteLine("after");
            shown.Update("second");
            """,
            "shown.Update(\"third\");");
        var run = await _folder.RunAsync(_folder.PathOf("update.ipynb"));

        Assert.Equal(["display_data: third", "stdout: after\n"], run.Outputs("update.ipynb", "c1"));
        Assert.Empty(run.Outputs("update.ipynb", "c2"));
    }

    [Theory]
    [InlineData("1 + 1", "execute_result: 2")]
    [InlineData("return 5;", "execute_result: 5")]
    [InlineData("string s = null;\ns", "execute_result: <null>")]
    [InlineData("\"text\"", "execute_result: text")]
    [InlineData("2.5f", "execute_result: 2.5")]
    [InlineData("new[] { 1, 2 }", "execute_result: [ 1, 2 ]")]
    [InlineData("\"<u>x</u>\".DisplayAs(\"text/html\");", "display_data: <u>x</u>")]
    [InlineData("(1, 2).Display(\"text/plain\");", "display_data: ( 1, 2 )")]
    [InlineData("#!csharp\nawait Task.FromResult(7)", "execute_result: 7")]
    [InlineData("Console.ReadLine() is null", "execute_result: True")]
    public async Task A_cell_puts_out(string source, string expected)
    {
        _folder.Add("one.ipynb", source);
        var run = await _folder.RunAsync(_folder.PathOf("one.ipynb"));

        Assert.Equal([expected], run.Outputs("one.ipynb", "c1"));
    }

    [Theory]
    [InlineData("File.Exists(\"x\")", "CS0103")]
    [InlineData("class A { int B { get => field; set; } }", "is not available in C# 13.0")]
    public async Task A_cell_that_the_real_engine_would_refuse_is_refused_here(string source, string message)
    {
        _folder.Add("one.ipynb", source);
        var run = await _folder.RunAsync(_folder.PathOf("one.ipynb"));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_that_fails_while_it_is_shown_fails_its_cell()
    {
        _folder.Add("lazy.ipynb", "new[] { 1, 0 }.Select(x => 1 / x)");
        var run = await _folder.RunAsync(_folder.PathOf("lazy.ipynb"));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("cell [1] (c1), line 1: DivideByZeroException", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_process_is_as_before_after_a_notebook_and_the_next_one_starts_fresh()
    {
        _folder.Add(
            "first.ipynb",
            """
            var secret = 1;
            Environment.SetEnvironmentVariable("LOGITSCOPE_TEST_LEAK", "yes");
            Environment.SetEnvironmentVariable("PATH", "changed");
            Environment.CurrentDirectory = "/";
            Console.SetOut(System.IO.TextWriter.Null);
            Microsoft.DotNet.Interactive.Formatting.Formatter.Register<Version>(v => "mine");
            """);
        _folder.Add(
            "second.ipynb", "secret", "new Version(1, 2).Display(\"text/plain\");", "Environment.CurrentDirectory");
        var (output, error, directory, path) =
            (Console.Out, Console.Error, Environment.CurrentDirectory, Environment.GetEnvironmentVariable("PATH"));
        var run = await _folder.RunAsync([_folder.PathOf("first.ipynb"), _folder.PathOf("second.ipynb")], keepGoing: true);

        Assert.Same(output, Console.Out);
        Assert.Same(error, Console.Error);
        Assert.Equal(directory, Environment.CurrentDirectory);
        Assert.Equal(path, Environment.GetEnvironmentVariable("PATH"));
        Assert.Null(Environment.GetEnvironmentVariable("LOGITSCOPE_TEST_LEAK"));
        Assert.Contains("CS0103: The name 'secret' does not exist", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("mine", run.Outputs("second.ipynb", "c2").Single(), StringComparison.Ordinal);
        Assert.Equal([$"execute_result: {_folder.PathOf()}"], run.Outputs("second.ipynb", "c3"));
    }

    [Fact]
    public async Task Two_runs_of_one_notebook_are_byte_for_byte_the_same()
    {
        var fixtures = new[] { NotebookFolder.Fixture("succeed.ipynb"), NotebookFolder.Fixture("fail.ipynb") };
        var first = await _folder.RunAsync(fixtures);
        var before = Directory.GetFiles(first.Out).ToDictionary(file => file, File.ReadAllText);
        await _folder.RunAsync(fixtures);

        Assert.Equal(4, before.Count);
        Assert.All(before, file => Assert.Equal(file.Value, File.ReadAllText(file.Key)));
        Assert.Equal(before.Count, Directory.GetFiles(first.Out).Length);
    }

    [Fact]
    public async Task Missing_ids_are_made_from_the_place_and_stale_outputs_go()
    {
        var run = await _folder.RunAsync(NotebookFolder.Fixture("missing-ids.ipynb"));

        var notebook = run.Notebook("missing-ids.ipynb");
        Assert.Equal(5, (int)notebook["nbformat_minor"]!);
        Assert.Equal(["cell-1", "cell-2", "cell-3"], notebook["cells"]!.AsArray().Select(cell => (string)cell!["id"]!));
        Assert.Equal(["execute_result: written by an older editor"], run.Outputs("missing-ids.ipynb", "cell-3"));
    }
}
