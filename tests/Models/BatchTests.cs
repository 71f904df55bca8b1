using static TorchSharp.torch;

namespace Logitscope.Tests.Models;

public class BatchTests
{
    public static TheoryData<string, ScalarType, double> Cases()
    {
        var cases = new TheoryData<string, ScalarType, double>();
        foreach (var family in TinyModel.OfEachFamily())
        {
            cases.Add(family, float64, 1e-12);
            cases.Add(family, float32, 1e-5);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Rows_of_unequal_length_say_what_each_says_alone(string name, ScalarType dtype, double allowed)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open(dtype, name);
        int[] lengths = [5, 1, model.ContextLength, 11];
        var rows = lengths.Select((length, row) => model.RandomIds(length, seed: row)).ToArray();
        var options = new ForwardOptions { Keep = model.Hooks() };
        var batch = model.Forward(rows.Select(model.FromIds).ToArray().ToTensor(), options);
        Assert.Equal([4, model.ContextLength, model.VocabularySize], batch.Logits.shape);
        foreach (var (row, ids) in rows.Index())
        {
            var alone = model.Forward(model.Tensor(ids), options);
            Compare(alone.Logits, batch.Logits, "logits");
            foreach (var hook in options.Keep)
            {
                Compare(alone.Residuals[hook], batch.Residuals[hook], $"{hook}");
            }

            void Compare(Tensor single, Tensor all, string what) => TinyModel.Close(
                single, all.narrow(0, row, 1).narrow(1, 0, ids.Length), allowed, $"{what} of row {row}");
        }
    }

    [Fact]
    public void What_stands_in_the_padding_changes_no_bit()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open();
        var ids = model.RandomIds(4, seed: 1);
        var first = model.Forward(model.Tensor([.. ids, 0, 0, 0])).Logits.narrow(1, 0, 4);
        var second = model.Forward(model.Tensor([.. ids, 60, 7, 31])).Logits.narrow(1, 0, 4);
        TinyModel.Identical(first, second, "logits before the padding");
    }

    [Fact]
    public void Logits_of_the_last_position_or_of_none_are_part_of_all()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open(float64);
        var ids = model.Tensor(model.RandomIds(6, seed: 2));
        var all = model.Forward(ids).Logits;
        var last = model.Forward(ids, new() { Logits = LogitsOf.LastPosition }).Logits;
        TinyModel.Close(all.narrow(1, 5, 1), last, 1e-12, "the last position");
        Assert.Equal([1, 0, 61], model.Forward(ids, new() { Logits = LogitsOf.NoPosition }).Logits.shape);
    }

    [Fact]
    public void Prompts_are_padded_on_the_right()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open();
        var batch = new[] { model.FromIds([5, 6]), model.FromIds([7]), model.FromIds([8, 9, 10]) }.ToTensor();
        Assert.Equal([3, 3], batch.shape);
        var ids = batch.data<long>().ToArray();
        Assert.Equal([5, 6], ids[0..2]);
        Assert.Equal(7, ids[3]);
        Assert.Equal([8, 9, 10], ids[6..9]);
    }

    [Fact]
    public void A_vector_a_row_is_taken_from_its_own_row()
    {
        using var scope = NewDisposeScope();
        var residual = arange(0, 12, 1).reshape(2, 3, 2); // rows [0 1, 2 3, 4 5] and [6 7, 8 9, 10 11]
        Assert.Equal([4, 5, 6, 7], residual.AtPositions([2, 0]).data<long>().ToArray());
    }
}
