using System.Text;
using Logitscope.Tests.Cli;
using TorchSharp;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Checkpoints;

/// <summary>HuggingFace's cache, whose snapshots are links into blobs, and checkouts whose large files were not fetched.</summary>
public sealed class LinkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string> Formats() => [.. ModelFiles.Formats];

    private string Snapshot => _folder.PathOf("models--acme--tiny", "snapshots", "0123abcd");

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_snapshot_of_links_is_the_model_that_they_lead_to(string format)
    {
        var (config, tensors) = ModelFiles.Of("llama/grouped");
        using var plain = new TemporaryFolder();
        plain.Write(config, tensors, format);
        plain.Write("tokenizer_config.json", "{}");
        using var expected = LanguageModel.Load(plain.Path);
        Link(plain.Path);
        using var model = LanguageModel.Load(Snapshot);
        Assert.Equal(expected.Fingerprint, model.Fingerprint);
        var facts = (await Outcome.Of("inspect", "--model", Snapshot, "--json")).Succeeded().Json.GetProperty("stored");
        Assert.Equal(CheckpointFile.OpenFolder(plain.Path).Files.Sum(file => new FileInfo(file).Length), facts.GetProperty("bytes").GetInt64());
        (await Outcome.Of("convert", Snapshot, _folder.PathOf("new"))).Succeeded();
        using var converted = LanguageModel.Load(_folder.PathOf("new"));
        Assert.Equal(expected.Fingerprint, converted.Fingerprint);
        Assert.All(Directory.EnumerateFiles(_folder.PathOf("new")), file => Assert.Null(new FileInfo(file).LinkTarget));
        Assert.Equal("{}", File.ReadAllText(_folder.PathOf("new", "tokenizer_config.json")));
    }

    [Fact]
    public void A_link_of_links_is_followed_and_one_that_leads_nowhere_or_in_a_circle_is_one_line()
    {
        var (config, tensors) = ModelFiles.Of("llama/grouped");
        _folder.Write(config, tensors);
        var weights = _folder.PathOf("model.safetensors");
        File.Move(weights, _folder.PathOf("blob"));
        File.CreateSymbolicLink(_folder.PathOf("middle"), "blob");
        File.CreateSymbolicLink(weights, "middle");
        LanguageModel.Load(_folder.Path).Dispose();
        File.Delete(_folder.PathOf("blob"));
        Refused(weights);
        File.CreateSymbolicLink(_folder.PathOf("blob"), "middle");
        Refused(weights);
        File.Delete(_folder.PathOf("config.json"));
        File.CreateSymbolicLink(_folder.PathOf("config.json"), "gone");
        Refused("config.json");
    }

    [Theory]
    [InlineData("safetensors", "model.safetensors")]
    [InlineData("safetensors", "config.json")]
    [InlineData("bin", "pytorch_model.bin")]
    [InlineData("sharded-safetensors", "model-2-of-2.safetensors")]
    [InlineData("sharded-safetensors", "model.safetensors.index.json")]
    [InlineData("sharded-bin", "pytorch_model-1-of-2.bin")]
    [InlineData("sharded-bin", "pytorch_model.bin.index.json")]
    public async Task A_Git_LFS_pointer_is_named_with_the_remedy(string format, string file)
    {
        var (config, tensors) = ModelFiles.Of("llama/grouped");
        _folder.Write(config, tensors, format);
        _folder.Write(file, Encoding.ASCII.GetBytes("version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 12345\n"));
        Refused(file, "Git LFS pointer", "'git lfs pull'");
        (await Outcome.Of("convert", _folder.Path, _folder.PathOf("new"))).FailedWith("'git lfs pull'");
    }

    [Fact]
    public async Task A_conversion_does_not_copy_a_tokenizers_pointer()
    {
        var (config, tensors) = ModelFiles.Of("llama/grouped");
        _folder.Write(config, tensors);
        _folder.Write("tokenizer.json", "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 12345\n");
        (await Outcome.Of("convert", _folder.Path, _folder.PathOf("new"))).FailedWith("tokenizer.json: expected the file itself");
        Assert.False(Path.Exists(_folder.PathOf("new")));
    }

    [Fact]
    public async Task A_conversion_keeps_a_tokenizer_under_all_its_names()
    {
        string[] names =
        [
            "encoder.json", "vocab.bpe", "tokenizer.model", "spiece.model", "vocab.json", "merges.txt", "tokenizer.json", "added_tokens.json",
            "special_tokens_map.json", "tokenizer_config.json", "generation_config.json", "chat_template.jinja", "qwen.tiktoken", "vocab.txt",
        ];
        var (config, tensors) = ModelFiles.Of("llama/grouped");
        _folder.Write("model/x", "");
        using var source = new TemporaryFolder();
        source.Write(config, tensors, "sharded-bin");
        foreach (var name in (string[])[.. names, "optimizer.pt", "tf_model.h5", "model.gguf", "code.py"])
        {
            source.Write(name, name);
        }

        (await Outcome.Of("convert", source.Path, _folder.PathOf("new"))).Succeeded();
        Assert.Equal(
            ((string[])[.. names, "config.json", "model.safetensors"]).Order(),
            Directory.EnumerateFileSystemEntries(_folder.PathOf("new")).Select(Path.GetFileName).Order());
        Assert.All(names, name => Assert.Equal(name, File.ReadAllText(_folder.PathOf("new", name))));
    }

    // The layout of the hub's cache: names in snapshots, contents in blobs under their hashes.
    private void Link(string plain)
    {
        Directory.CreateDirectory(Snapshot);
        Directory.CreateDirectory(_folder.PathOf("models--acme--tiny", "blobs"));
        foreach (var (number, file) in Directory.EnumerateFiles(plain).Index())
        {
            var blob = $"{number:x40}";
            File.Copy(file, _folder.PathOf("models--acme--tiny", "blobs", blob));
            File.CreateSymbolicLink(Path.Combine(Snapshot, Path.GetFileName(file)), Path.Combine("..", "..", "blobs", blob));
        }
    }

    private void Refused(params string[] words) =>
        Says(Assert.Throws<CheckpointException>(() => LanguageModel.Load(_folder.Path)), words);
}
