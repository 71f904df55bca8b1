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
    public void A_write_replaces_the_old_file()
    {
        var file = _folder.Write("kept.txt", "old");
        AtomicFile.Write(file, "new");
        Assert.Equal("new", File.ReadAllText(file));
    }
}
