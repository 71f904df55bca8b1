using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Logitscope.Tests.Torch;

public class TensorTests
{
    [Fact]
    public void A_matrix_product_by_hand()
    {
        using var scope = NewDisposeScope();
        var product = matmul(tensor([1.0, 2, 3, 4], [2, 2]), tensor([5.0, 6, 7, 8], [2, 2]));
        Assert.Equal([19.0, 22, 43, 50], product.data<double>().ToArray());
    }

    [Fact]
    public void An_integer_scalar_keeps_an_integer_tensor_integer()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(ScalarType.Int64, (tensor([1L, 2]) + 1).dtype);
        Assert.Equal(ScalarType.Float32, (tensor([1L, 2]) + 1.5).dtype);
        Assert.Equal([-1L, -2], (-tensor([1L, 2])).data<long>().ToArray());
    }

    [Fact]
    public void Views_share_memory_and_copies_do_not()
    {
        using var scope = NewDisposeScope();
        var matrix = tensor([1f, 2, 3, 4, 5, 6], [2, 3]);
        var copy = matrix.clone();
        matrix.select(0, 1).fill_(0);
        Assert.Equal([1f, 2, 3, 0, 0, 0], matrix.data<float>().ToArray());
        Assert.Equal([1f, 2, 3, 4, 5, 6], copy.data<float>().ToArray());
        Assert.Equal([1f, 4, 2, 5, 3, 6], copy.transpose(0, 1).data<float>().ToArray());
        Assert.Equal([3L, 2], copy.transpose(0, 1).shape);
        Assert.False(copy.transpose(0, 1).is_contiguous());
    }

    [Fact]
    public void Numbers_are_stored_in_the_type_asked_for() => Scoped(() =>
    {
        Assert.Equal([1f, 2], tensor([1L, 2], dtype: float32).data<float>().ToArray());
        var matrix = tensor([0.0, 3], [2, 1], ScalarType.Bool);
        Assert.Equal([2L, 1], matrix.shape);
        Assert.Equal([false, true], matrix.data<bool>().ToArray());
    });

    [Fact]
    public void Argmax_takes_the_first_of_equals() =>
        Scoped(() => Assert.Equal(1, tensor([0f, 7, 7, 7]).argmax(0).ToInt64()));

    [Fact]
    public void Softmax_and_logsumexp_by_hand() => Scoped(() =>
    {
        var logits = tensor([0.0, Math.Log(3)]);
        Assert.Equal(Math.Log(4), logits.logsumexp(0).ToDouble(), 12);
        Assert.Equal(0.75, nn.functional.softmax(logits, 0).select(0, 1).ToDouble(), 12);
        Assert.Equal(Math.Log(0.25), nn.functional.log_softmax(logits, 0).select(0, 0).ToDouble(), 12);
    });

    [Fact]
    public void Layer_norm_and_both_gelus_by_hand() => Scoped(() =>
    {
        var normal = nn.functional.layer_norm(tensor([1.0, 3]), [2], tensor([2.0, 2]), tensor([1.0, 1]), 0);
        Assert.Equal([-1.0, 3.0], normal.data<double>().ToArray());
        var bare = nn.functional.layer_norm(tensor([1.0, 3, 3, 1], [2, 2]), [2, 2], eps: 0);
        Assert.Equal([-1.0, 1, 1, -1], bare.data<double>().ToArray());
        var exact = 0.5 * (1 + 0.8427007929497149);
        Assert.Equal(exact * Math.Sqrt(2), nn.functional.gelu(tensor([Math.Sqrt(2)]), GELU.Approximate.none).ToDouble(), 12);
        var inner = Math.Sqrt(2 / Math.PI) * (1 + 0.044715);
        Assert.Equal(0.5 * (1 + Math.Tanh(inner)), nn.functional.gelu(tensor([1.0]), GELU.Approximate.tanh).ToDouble(), 12);
    });

    [Fact]
    public void The_gradient_of_a_square_is_twice_the_value()
    {
        using var scope = NewDisposeScope();
        var x = tensor([3.0, -1]);
        x.requires_grad = true;
        Assert.Null(x.grad);
        (x * x).sum().backward();
        Assert.Equal([6.0, -2], x.grad!.data<double>().ToArray());
        x.grad = tensor([1.0, 2]);
        (x * x).sum().backward();
        Assert.Equal([7.0, 0], x.grad!.data<double>().ToArray());
        x.grad = null;
        Assert.Null(x.grad);
    }

    [Fact]
    public void No_grad_records_nothing_and_ends_with_its_scope()
    {
        using var scope = NewDisposeScope();
        var x = tensor([3.0]);
        x.requires_grad = true;
        using (no_grad())
        {
            Assert.False((x * 2).requires_grad);
        }

        Assert.True((x * 2).requires_grad);
        Assert.False((x * 2).detach().requires_grad);
    }

    [Fact]
    public void Errors_are_typed_and_one_line() => Scoped(() =>
    {
        var shape = Assert.Throws<TorchShapeException>(() => matmul(ones([2, 3]), ones([2, 3])));
        Assert.Contains("2x3", shape.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', shape.Message);
        Assert.Throws<TorchIndexException>(() => ones([2]).select(0, 5));
        Assert.Throws<TorchIndexException>(() => ones([2, 2]).index_select(0, tensor([9L])));
        Assert.Throws<TorchOutOfMemoryException>(() => empty([1L << 50]));
        Assert.IsType<TorchException>(Record.Exception(() => ones([2]).backward()));
    });

    [Fact]
    public void Reading_elements_as_another_type_is_refused() => Scoped(() =>
    {
        var error = Assert.Throws<LogitscopeException>(() => ones([2]).data<double>());
        Assert.Contains("expected Single", error.Message, StringComparison.Ordinal);
        Assert.Throws<LogitscopeException>(() => tensor([1L, 2, 3], [2, 2]));
        Assert.Throws<LogitscopeException>(() => device("tpu"));
    });

    private static void Scoped(Action body)
    {
        using var scope = NewDisposeScope();
        body();
    }
}
