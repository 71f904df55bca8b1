using static TorchSharp.torch;

namespace Logitscope.Tests.Models;

public class CacheTests
{
    public static TheoryData<string, int[]> Chunks()
    {
        int[][] all = [[11], [1, 10], [4, 3, 4], [10, 1], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]];
        var cases = new TheoryData<string, int[]>();
        foreach (var family in TinyModel.OfEachFamily())
        {
            foreach (var chunks in all)
            {
                cases.Add(family, chunks);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Chunks))]
    public void A_sequence_in_chunks_is_the_sequence_in_one_pass(string name, int[] chunks)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open(float64, name);
        using var cache = new KeyValueCache();
        var ids = new[] { model.RandomIds(11, seed: 1), model.RandomIds(11, seed: 2) };
        var batch = ids.Select(model.FromIds).ToArray().ToTensor(); // [2, 11]
        var whole = model.Forward(batch).Logits;
        foreach (var length in chunks)
        {
            var start = cache.Length;
            var chunk = model.Forward(batch.narrow(1, start, length), new() { Cache = cache }).Logits;
            TinyModel.Close(whole.narrow(1, start, length), chunk, 1e-12, $"from {start}");
        }

        Assert.Equal(11, cache.Length);
    }

    [Theory]
    [MemberData(nameof(TinyModel.OfEachFamily), MemberType = typeof(TinyModel))]
    public void An_edit_in_a_later_chunk_counts_from_the_first_token(string name)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open(float64, name);
        using var cache = new KeyValueCache();
        var ids = model.Tensor(model.RandomIds(9, seed: 3));
        ForwardOptions options = new() { Edits = [new(new(1, Site.ResidPost), 6, zeros([model.HiddenSize], float64))] };
        var whole = model.Forward(ids, options).Logits;
        model.Forward(ids.narrow(1, 0, 5), new() { Cache = cache });
        var rest = model.Forward(ids.narrow(1, 5, 4), options with { Cache = cache }).Logits;
        TinyModel.Close(whole.narrow(1, 5, 4), rest, 1e-12, "the second chunk");
    }

    [Fact]
    public void Cached_text_is_uncached_text()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open(float64);
        var prompt = model.RandomIds(3, seed: 4);
        var edit = new Edit(new(0, Site.ResidPre), 1, model.Weights["transformer.wte.weight"].select(0, 17));
        foreach (var edits in new Edit[][] { [], [edit] })
        {
            List<int> ids = [.. prompt];
            while (ids.Count < 32)
            {
                var logits = model.Forward(model.Tensor([.. ids]), new() { Edits = edits }).Logits;
                ids.Add((int)logits.select(1, ids.Count - 1).argmax(-1).item<long>());
            }

            Assert.Equal(ids[3..], model.Generate(prompt, new() { MaxNewTokens = 29, Edits = edits }));
        }
    }

    [Fact]
    public void A_disposed_cache_is_empty_and_starts_again()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open();
        using var cache = new KeyValueCache();
        var ids = model.Tensor(model.RandomIds(5, seed: 5));
        var first = model.Forward(ids, new() { Cache = cache }).Logits;
        cache.Dispose();
        Assert.Equal(0, cache.Length);
        TinyModel.Identical(first, model.Forward(ids, new() { Cache = cache }).Logits, "logits");
    }
}
