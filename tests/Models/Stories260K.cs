using System.Runtime.InteropServices;
using System.Text.Json;
using Logitscope.Tests.Tokenizers;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Models;

/// <summary>A trained LLaMA in llama2.c's first file format: 7 numbers, then every weight of all layers together.</summary>
internal sealed class Stories260K
{
    private readonly Queue<float> _numbers;
    private readonly List<(string Name, Tensor Value)> _weights = [];

    private Stories260K(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var header = MemoryMarshal.Cast<byte, int>(bytes.AsSpan(0, 7 * sizeof(int))).ToArray();
        _numbers = new Queue<float>(MemoryMarshal.Cast<byte, float>(bytes.AsSpan(7 * sizeof(int))).ToArray());
        var (dim, inner, layers, heads, shared, vocabulary, context) =
            (header[0], header[1], header[2], header[3], header[4], header[5], header[6]);
        var size = dim / heads;

        Take("model.embed_tokens", vocabulary, dim);
        TakeLayers("input_layernorm", dim);
        TakeLayers("self_attn.q_proj", heads * size, dim);
        TakeLayers("self_attn.k_proj", shared * size, dim);
        TakeLayers("self_attn.v_proj", shared * size, dim);
        TakeLayers("self_attn.o_proj", dim, heads * size);
        TakeLayers("post_attention_layernorm", dim);
        TakeLayers("mlp.gate_proj", inner, dim);
        TakeLayers("mlp.down_proj", dim, inner);
        TakeLayers("mlp.up_proj", inner, dim);
        Take("model.norm", dim);
        Assert.Equal(context * size, _numbers.Count); // tables of sines and cosines, which a model computes itself

        Config = new
        {
            model_type = "llama",
            hidden_size = dim,
            intermediate_size = inner,
            num_hidden_layers = layers,
            num_attention_heads = heads,
            num_key_value_heads = shared,
            vocab_size = vocabulary,
            max_position_embeddings = context,
            rms_norm_eps = 1e-5,
            tie_word_embeddings = true,
        };

        void TakeLayers(string name, params long[] shape)
        {
            for (var layer = 0; layer < layers; layer++)
            {
                Take($"model.layers.{layer}.{name}", shape);
            }
        }

        void Take(string name, params long[] shape)
        {
            var count = (int)shape.Aggregate(1L, (product, length) => product * length);
            var value = tensor([.. Enumerable.Range(0, count).Select(_ => _numbers.Dequeue())], shape);
            var turned = name.EndsWith("q_proj", StringComparison.Ordinal) || name.EndsWith("k_proj", StringComparison.Ordinal);
            _weights.Add(($"{name}.weight", turned ? Halves(value, size) : value));
        }
    }

    private object Config { get; }

    /// <summary>Writes the file as a HuggingFace folder.</summary>
    public static void Convert(string path, TemporaryFolder folder)
    {
        using var scope = NewDisposeScope();
        var model = new Stories260K(path);
        folder.Write("config.json", JsonSerializer.Serialize(model.Config));
        SafetensorsWriter.Write(Path.Combine(folder.Path, "model.safetensors"), model._weights);
    }

    // Rows 2i and 2i+1 of a head turn together in the file; in HuggingFace's folders rows i and i + size/2 do.
    private static Tensor Halves(Tensor matrix, int size)
    {
        var (rows, columns) = (matrix.size(0), matrix.size(1));
        return matrix.reshape(rows / size, size / 2, 2, columns).transpose(1, 2).reshape(rows, columns);
    }
}
