namespace Logitscope.Tests;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_write_that_fails_leaves_the_old_file_and_nothing_else()
    {
        var file = _folder.Write("kept.txt", "old");
        Assert.Throws<IOException>(() => AtomicFile.Write(file, stream =>
        {
            stream.WriteByte(1);
            throw new IOException("the disk is full");
        }));
        Assert.Equal("old", File.ReadAllText(file));
        Assert.Equal([file], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_folder_that_is_missing_is_told_of_the_file_that_was_asked_for()
    {
        var file = _folder.PathOf("missing", "page.html");
        var error = Assert.Throws<IOException>(() => AtomicFile.Write(file, "text"));
        Assert.Contains($"'{file}'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(".part", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_stays_and_what_it_points_to_is_written()
    {
        var file = _folder.Write("real/kept.txt", "old");
        var (link, chain, dangling) = (_folder.PathOf("link.txt"), _folder.PathOf("chain.txt"), _folder.PathOf("dangling.txt"));
        File.CreateSymbolicLink(link, "real/kept.txt");
        File.CreateSymbolicLink(chain, "link.txt");
        File.CreateSymbolicLink(dangling, "real/new.txt");
        AtomicFile.Write(chain, "new");
        AtomicFile.Write(dangling, "first");
        Assert.Equal(("new", "first"), (File.ReadAllText(file), File.ReadAllText(_folder.PathOf("real", "new.txt"))));
        Assert.Equal(["link.txt", "real/kept.txt", "real/new.txt"], new[] { chain, link, dangling }.Select(path => new FileInfo(path).LinkTarget));
        Assert.Equal(2, Directory.GetFiles(_folder.PathOf("real")).Length);
    }

    // The tests may run as root, so the device is a private one: a fault must not cost the machine its /dev/null.
    [Fact]
    public void A_pipe_that_nobody_reads_is_told()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "pipes with names are Linux's");
        var pipe = _folder.PathOf("unread");
        Run("mkfifo", pipe);
        Assert.Contains("got nobody", Assert.Throws<IOException>(() => AtomicFile.Write(pipe, "text")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_and_a_device_take_the_bytes_and_stay()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "devices and pipes are Linux's");
        var (pipe, device) = (_folder.PathOf("pipe"), _folder.PathOf("null"));
        Run("mkfifo", pipe);
        File.CreateSymbolicLink(_folder.PathOf("to-pipe"), "pipe");
        foreach (var path in new[] { pipe, _folder.PathOf("to-pipe") })
        {
            var reader = Task.Run(() => File.ReadAllText(pipe), TestContext.Current.CancellationToken);
            AtomicFile.Write(path, "through");
            Assert.Equal("through", await reader);
        }

        Assert.False(Run("test", "-f", pipe));
        Assert.SkipUnless(Run("mknod", "-m", "666", device, "c", "1", "3"), "only root makes devices");
        AtomicFile.Write(device, "nowhere");
        Assert.True(Run("test", "-c", device));
        Assert.Equal("", File.ReadAllText(device));
        (await Cli.Outcome.Of("logits", "--model", Golden.GoldenModel.FolderOf("gptj/partial-rotary"), "--ids", "1", "--out", device)).Succeeded();
        Assert.True(Run("test", "-c", device));
    }

    [Fact]
    public void Every_writer_of_a_whole_file_goes_through_it()
    {
        string[] others = ["AtomicFile.cs", "OldLibstdcxx.cs"]; // the latter writes into memory
        foreach (var file in new[] { "lib", "cli", "world" }.Select(folder => Repository.File(folder)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
            .Where(file => !others.Contains(Path.GetFileName(file))))
        {
            Assert.DoesNotMatch(@"File\.(WriteAll|Create\(|CreateText|OpenWrite)|new StreamWriter\((?!stream)", File.ReadAllText(file));
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    [Fact]
    public void A_write_replaces_the_old_file()
    {
        var file = _folder.Write("kept.txt", "old");
        AtomicFile.Write(file, "new");
        Assert.Equal("new", File.ReadAllText(file));
    }
}
