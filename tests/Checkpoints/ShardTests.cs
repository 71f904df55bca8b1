using System.Text.Json.Nodes;
using static Logitscope.Tests.Models.TinyModel;

namespace Logitscope.Tests.Checkpoints;

/// <summary>An index from a stranger names files beside it that have its tensors, or is refused.</summary>
public sealed class ShardTests : IDisposable
{
    private const string Index = "model.safetensors.index.json";

    private readonly TemporaryFolder _folder = new();

    public ShardTests()
    {
        foreach (var file in Directory.EnumerateFiles(TorchFiles.Committed("sharded-safetensors")))
        {
            File.Copy(file, _folder.PathOf(Path.GetFileName(file)));
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_copy_is_read() => Assert.Equal(15, Open().Entries.Count);

    [Fact]
    public void A_missing_shard_is_named_with_a_tensor_that_it_has()
    {
        File.Delete(_folder.PathOf("model-00002-of-00003.safetensors"));
        Refused("model-00002-of-00003.safetensors", "is missing", Index, "'");
    }

    [Fact]
    public void A_shard_without_its_tensor_is_named()
    {
        Change(map => map["lm_head.scale"] = "model-00001-of-00003.safetensors");
        Refused("model-00001-of-00003.safetensors", "'lm_head.scale'");
    }

    [Theory]
    [InlineData("../model-00001-of-00003.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("a/b.safetensors")]
    [InlineData("a\\b.safetensors")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData(Index)] // itself, again and again
    public void An_index_leads_nowhere_but_to_weights_beside_it(string file)
    {
        Change(map => map["lm_head.bias"] = file);
        Refused(Index, "'lm_head.bias'", "beside the index");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"weight_map\": []}")]
    [InlineData("{\"weight_map\": {\"a\": 1}}")]
    [InlineData("{\"weight_map\": {\"a\": null}}")]
    [InlineData("{\"weight_map\": {}}")]
    [InlineData("{\"weight_map\": {\"\\ud800\": \"a\"}}")]
    public void What_is_no_index_is_refused(string text)
    {
        _folder.Write(Index, text);
        Refused(Index);
    }

    [Fact]
    public void A_tensor_twice_is_refused()
    {
        const string shard = "model-00001-of-00003.safetensors";
        var name = SafetensorsFile.Open(_folder.PathOf(shard)).Entries.Keys.First();
        _folder.Write(Index, $$$"""{"weight_map": {"{{{name}}}": "{{{shard}}}", "{{{name}}}": "{{{shard}}}"}}""");
        Refused(Index, name, "twice");
    }

    [Fact]
    public void A_broken_shard_is_named()
    {
        File.WriteAllText(_folder.PathOf("model-00003-of-00003.safetensors"), "broken");
        Refused("model-00003-of-00003.safetensors");
    }

    private Checkpoint Open() => CheckpointFile.OpenFolder(_folder.Path);

    private void Refused(params string[] words) => Says(Assert.Throws<CheckpointException>(Open), words);

    private void Change(Action<JsonObject> change)
    {
        var index = JsonNode.Parse(File.ReadAllText(_folder.PathOf(Index)))!.AsObject();
        change(index["weight_map"]!.AsObject());
        _folder.Write(Index, index.ToJsonString());
    }
}
