using System.Diagnostics;

namespace Logitscope.Tests.Notebooks;

[Collection(OneAtATime.Name)]
public sealed class InterruptionTests : IDisposable
{
    private readonly NotebookFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_cell_that_listens_stops_at_once_and_what_ran_is_written()
    {
        _folder.Add(
            "polite.ipynb",
            "1",
            """
            Console.WriteLine("started");
            System.IO.File.WriteAllText("started", "");
            await Task.Delay(60_000, Microsoft.DotNet.Interactive.KernelInvocationContext.Current.CancellationToken);
            """,
            "3");
        using var source = new CancellationTokenSource();
        var running = _folder.RunAsync([_folder.PathOf("polite.ipynb")], keepGoing: true, source.Token);
        await WaitForAsync(_folder.PathOf("started"));
        await source.CancelAsync();
        var run = await running;

        Assert.Equal(130, run.ExitCode);
        Assert.Contains("polite.ipynb  2/3 cells", run.Error, StringComparison.Ordinal);
        Assert.Equal(["execute_result: 1"], run.Outputs("polite.ipynb", "c1"));
        Assert.Equal(
            ["stdout: started\n", "error: TaskCanceledException: A task was canceled."],
            run.Outputs("polite.ipynb", "c2"));
        Assert.Null(run.Cell("polite.ipynb", "c3")["execution_count"]);
    }

    [Fact]
    public async Task A_cell_that_does_not_listen_is_given_up_after_a_grace()
    {
        _folder.Add(
            "deaf.ipynb",
            "System.IO.File.WriteAllText(\"started\", \"\"); System.Threading.Thread.Sleep(8_000);");
        using var source = new CancellationTokenSource();
        var running = _folder.RunAsync([_folder.PathOf("deaf.ipynb")], keepGoing: false, source.Token);
        await WaitForAsync(_folder.PathOf("started"));
        await source.CancelAsync();
        var run = await running;

        Assert.Equal(130, run.ExitCode);
        Assert.Equal(
            ["error: OperationCanceledException: interrupted; the cell did not stop within 3 s"],
            run.Outputs("deaf.ipynb", "c1"));
    }

    [Fact]
    public async Task Ctrl_C_ends_the_program_in_order()
    {
        _folder.Add(
            "slow.ipynb",
            "\"ran\"",
            """
            System.IO.File.WriteAllText("started", "");
            await Task.Delay(60_000, Microsoft.DotNet.Interactive.KernelInvocationContext.Current.CancellationToken);
            """);
        using var program = Process.Start(new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "logitscope"),
            ["run", _folder.PathOf("slow.ipynb"), "--out", _folder.Out])
        {
            RedirectStandardError = true,
        })!;
        await WaitForAsync(_folder.PathOf("started"));
        using (var kill = Process.Start("kill", ["-INT", $"{program.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var error = await program.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(130, program.ExitCode);
        Assert.Contains("slow.ipynb  2/2 cells", error, StringComparison.Ordinal);
        Assert.Contains("interrupted", error, StringComparison.Ordinal);
        Assert.Equal(["execute_result: ran"], new RunResult(130, error, _folder.Out).Outputs("slow.ipynb", "c1"));
    }

    private static async Task WaitForAsync(string file)
    {
        while (!File.Exists(file))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
