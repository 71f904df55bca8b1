using System.Runtime.Versioning;

namespace Logitscope.Tests.Setup;

/// <summary>run.sh, with stand-ins for the set-up and for dotnet: what it runs, where, and how it ends.</summary>
[SupportedOSPlatform("linux")]
public sealed class RunTests : IDisposable
{
    private const string Dotnet = """
        case $1 in
            tool) exit 0 ;;
            repl)
                name=${3##*/}
                echo "$PWD $LOGITSCOPE_DATA $name" >>"$PWD/../calls"
                case $name in
                    dies.ipynb) echo "Segmentation fault"; exit 139 ;;
                    stops.ipynb)
                        pid=$PPID
                        while grep -qa 'run\.sh' "/proc/$pid/cmdline"; do
                            script=$pid
                            read -r _ _ _ pid _ <"/proc/$pid/stat"
                        done
                        kill -INT "$script"
                        exit 130 ;;
                esac
                echo run >"$6"
                [[ $name != fails.ipynb ]] || exit 2 ;;
            *)
                echo "page ${*:2}" >>calls
                shift 2
                failed=0
                while [[ $1 != --out ]]; do
                    name=${1##*/}
                    [[ $name != fails.ipynb ]] || { failed=2; echo "fails: cell [1], line 1: Exception: no" >&2; }
                    echo "/pages/${name%.ipynb}.html"
                    shift
                done
                exit $failed ;;
        esac
        """;

    private readonly Sandbox _sandbox = new();

    public RunTests()
    {
        _sandbox.ReplaceScript("eng/setup.sh", "echo Ready");
        _sandbox.AddProgram("dotnet", Dotnet);
        AddNotebook("first.ipynb");
        AddNotebook("second.ipynb");
    }

    private string Calls => File.ReadAllText(Path.Combine(_sandbox.Checkout, "calls"));

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public void Each_notebook_runs_in_its_folder_has_a_line_and_a_page()
    {
        var result = _sandbox.Run("run.sh", []);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Matches(@"\n  first\.ipynb, 2 cells +\d+ s\n  second\.ipynb, 2 cells +\d+ s\n", result.Output);
        Assert.EndsWith("Pages to open:\n  /pages/first.html\n  /pages/second.html\n", result.Output, StringComparison.Ordinal);
        var (folder, executed) = (Path.Combine(_sandbox.Checkout, "notebooks"), Path.Combine(_sandbox.Checkout, "out", "notebooks"));
        Assert.Equal(
            $"{folder}  first.ipynb\n{folder}  second.ipynb\npage page {executed}/first.ipynb {executed}/second.ipynb --out {executed} --source notebooks\n",
            Calls);
    }

    [Fact]
    public void A_failed_cell_is_told_the_others_run_on_and_the_exit_code_is_2()
    {
        AddNotebook("fails.ipynb");
        var result = _sandbox.Run("run.sh", []);

        Assert.Equal((2, "fails: cell [1], line 1: Exception: no\n"), (result.ExitCode, result.Error));
        Assert.Matches(@"fails\.ipynb, 2 cells +failed\n  first", result.Output);
        Assert.EndsWith("/pages/second.html\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_engine_that_dies_is_one_line_also_where_an_older_result_lies()
    {
        AddNotebook("dies.ipynb");
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_sandbox.Checkout, "out", "notebooks")).FullName, "dies.ipynb"), "old");
        var result = _sandbox.Run("run.sh", []);

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("error: dotnet-repl ended with exit code 139 and left no result; the whole log is ", result.Error);
        Assert.DoesNotContain("first.ipynb", Calls, StringComparison.Ordinal);
    }

    [Fact]
    public void Ctrl_C_ends_it()
    {
        AddNotebook("a.ipynb");
        AddNotebook("stops.ipynb");
        AddNotebook("z.ipynb");
        // Where the tests run in the background, the signal is ignored, and what they start would inherit that.
        _sandbox.ReplaceScript("interruptible", "exec env --default-signal=INT \"${0%/*}/run.sh\"");
        var result = _sandbox.Run("interruptible", []);

        Assert.Equal(130, result.ExitCode);
        Assert.Contains("stops.ipynb", Calls, StringComparison.Ordinal);
        Assert.DoesNotContain("z.ipynb", Calls, StringComparison.Ordinal);
        Assert.DoesNotContain("Pages", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_environment_names_is_named_from_where_it_was_started()
    {
        var elsewhere = Directory.CreateDirectory(Path.Combine(_sandbox.Checkout, "else")).FullName;
        File.WriteAllText(Path.Combine(elsewhere, "my.jsonl"), "");
        _sandbox.Run("run.sh", [], elsewhere, ("LOGITSCOPE_DATA", "my.jsonl"));

        Assert.Contains($" {elsewhere}/my.jsonl first.ipynb\n", Calls, StringComparison.Ordinal);
    }

    private void AddNotebook(string name)
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(_sandbox.Checkout, "notebooks")).FullName, name);
        File.WriteAllText(path, "\"cell_type\": \"code\"\n\"cell_type\": \"markdown\"\n\"cell_type\": \"code\"\n");
    }
}
