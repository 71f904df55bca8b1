using System.Diagnostics;
using Logitscope.Cli;
using Logitscope.Tests.Sweeps;

namespace Logitscope.Tests.Cli;

/// <summary>The command itself, killed and starved: it goes on to the bytes of an undisturbed run, or says why not.</summary>
public sealed class SweepFaultTests : IDisposable
{
    private static readonly string[] s_files = [Journal.RowsFile, SweepSummary.File, "plan.json"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Killed_at_random_moments_it_goes_on_to_the_same_bytes() => KillAndGoOn(times: 4);

    [Fact]
    [Trait("Tier", "slow")]
    public void Killed_at_fifty_random_moments_it_goes_on_to_the_same_bytes() => KillAndGoOn(times: 50);

    // A file system of 64 KiB of its own, which then grows.
    [Fact]
    public void A_full_disk_is_told_and_what_is_written_is_not_lost()
    {
        Assert.SkipUnless(Sh("unshare -rm true").Code == 0, "needs user namespaces to mount a small disk");
        Assert.Equal(0, Sweep("whole").Code);
        var disk = _folder.PathOf("disk");
        Directory.CreateDirectory(disk);
        var (code, output) = Sh(
            $"unshare -rm sh -c 'mount -t tmpfs -o size=64k none {disk} && ({Command("disk/out")}; echo code $?) "
            + $"&& mount -o remount,size=64m {disk} && {Command("disk/out")} && cp -r {disk}/out {_folder.PathOf("saved")}'");
        Assert.True(code == 0, output);
        Assert.Contains("code 1", output, StringComparison.Ordinal);
        Assert.Contains("cannot be written: No space left on device", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Same("whole", "saved");
    }

    [Fact]
    public void A_folder_that_may_not_be_written_is_told()
    {
        Assert.SkipUnless(Sh("unshare -rm true").Code == 0, "needs user namespaces to mount a folder read-only");
        var closed = Directory.CreateDirectory(_folder.PathOf("closed")).FullName;
        var (code, output) = Sh(
            $"unshare -rm sh -c 'mount --bind {closed} {closed} && mount -o remount,ro,bind {closed} && {Command("closed/out")}'");
        Assert.Equal(1, code);
        Assert.Contains("cannot be written", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_processes_on_one_folder_one_is_refused()
    {
        using var model = SmallSweep.OpenModel();
        using var first = Journal.Open(_folder.PathOf("shared"), SmallSweep.Plan(model));
        var (code, output) = Sweep("shared");
        Assert.Equal(1, code);
        Assert.Contains("used by another process", output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_interrupt_ends_it_within_a_second_and_says_how_to_go_on()
    {
        using var process = Start("out");
        while (!File.Exists(_folder.PathOf("out/rows.jsonl")) && !process.HasExited)
        {
            Thread.Sleep(5);
        }

        var watch = Stopwatch.StartNew();
        Sh($"kill -INT {process.Id}");
        process.WaitForExit();
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(Environment.ProcessorCount > 2 ? 1.5 : 4));
        Assert.Equal(130, process.ExitCode);
        Assert.Contains("the same command goes on", process.StandardError.ReadToEnd(), StringComparison.Ordinal);
    }

    private void KillAndGoOn(int times)
    {
        var random = new Random(20_261_121);
        var watch = Stopwatch.StartNew();
        Assert.Equal(0, Sweep("whole").Code);
        var whole = watch.Elapsed;
        for (var killed = 0; killed < times;)
        {
            using var process = Start("out");
            if (!process.WaitForExit(whole * random.NextDouble()))
            {
                process.Kill();
                process.WaitForExit();
            }

            if (process.ExitCode == 0) // it was done first
            {
                Same("whole", "out");
                Directory.Delete(_folder.PathOf("out"), recursive: true);
            }
            else
            {
                killed++;
            }
        }

        Assert.Equal(0, Sweep("out").Code);
        Same("whole", "out");
    }

    private void Same(string expected, string got) => Assert.All(s_files, file => Assert.True(
        File.ReadAllBytes(_folder.PathOf($"{expected}/{file}")).AsSpan()
            .SequenceEqual(File.ReadAllBytes(_folder.PathOf($"{got}/{file}"))),
        $"{file} differs"));

    private (int Code, string Output) Sweep(string folder) => Sh(Command(folder));

    // Small batches: many moments between two of them.
    private string Command(string folder) =>
        $"dotnet {typeof(CommandLine).Assembly.Location} sweep --data {Repository.Root}/data/prompts.jsonl --limit 120 --batch 4 "
        + $"--model {Repository.Root}/data/tiny-gptj --out {_folder.PathOf(folder)} 2>&1";

    // Where the tests run in the background, the signal is ignored, and what they start would inherit that.
    private Process Start(string folder) => Start("sh", "-c", "exec env --default-signal=INT " + Command(folder).Replace(" 2>&1", "", StringComparison.Ordinal));

    private static (int Code, string Output) Sh(string command)
    {
        using var process = Start("sh", "-c", command);
        var output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    private static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        return Process.Start(start)!;
    }
}
