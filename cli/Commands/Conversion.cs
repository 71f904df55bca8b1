using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Logitscope.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Cli.Commands;

/// <summary>
/// Makes a folder with one <c>model.safetensors</c> of a model in any format. Weights pass in pieces, so that memory does
/// not grow with the model; the folder appears when it is whole.
/// </summary>
internal static class Conversion
{
    private const string Config = "config.json";

    private static readonly string[] s_copied =
    [
        "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "vocab.json", "merges.txt",
        "special_tokens_map.json", "added_tokens.json", "generation_config.json",
    ];

    // What a model computes for itself and old files still carry. Some of it is too large for float16.
    private static readonly string[] s_buffers = [".attn.bias", ".attention.bias", ".masked_bias", ".rotary_emb.inv_freq"];

    /// <summary>Whether a stored tensor is a constant that a model computes for itself, and no weight.</summary>
    /// <param name="name">Its full name.</param>
    /// <returns>Whether no model reads it.</returns>
    public static bool IsBuffer(string name) =>
        s_buffers.Any(ending => name.EndsWith(ending, StringComparison.Ordinal));

    /// <summary>Converts a model's folder.</summary>
    /// <param name="source">The folder.</param>
    /// <param name="destination">The new folder; nothing of that name may be there.</param>
    /// <param name="options">The element type.</param>
    /// <param name="progress">Is told after each few MiB.</param>
    /// <param name="cancellation">Stops it; nothing is left of it then.</param>
    /// <exception cref="CheckpointException">
    /// A file is missing, broken or holds NaN or infinity, the destination exists, or there is no room for it.
    /// </exception>
    public static void Run(
        string source,
        string destination,
        ConversionOptions? options = null,
        IProgress<ConversionProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        options ??= new ConversionOptions();
        var final = Path.GetFullPath(destination);
        var config = NewConfig(Path.Combine(source, Config), options.Dtype);
        var checkpoint = CheckpointFile.OpenFolder(source);
        var temporary = $"{final}.{Environment.ProcessId}.part";
        try
        {
            if (Path.Exists(final))
            {
                throw new CheckpointException($"{final}: expected a folder that is not there yet, got one that is");
            }

            Directory.CreateDirectory(temporary);
            WriteWeights(checkpoint, Path.Combine(temporary, CheckpointFile.Names[0]), options, progress, cancellation);
            AtomicFile.Write(Path.Combine(temporary, Config), config);
            foreach (var name in s_copied.Where(name => File.Exists(Path.Combine(source, name))))
            {
                File.Copy(Path.Combine(source, name), Path.Combine(temporary, name));
            }

            cancellation.ThrowIfCancellationRequested();
            Directory.Move(temporary, final);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{final}: cannot be written: {error.Message}", error);
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    private static void WriteWeights(
        Checkpoint checkpoint,
        string path,
        ConversionOptions options,
        IProgress<ConversionProgress>? progress,
        CancellationToken cancellation)
    {
        var (done, total, watch) = (0L, 0L, Stopwatch.StartNew());

        // Wide elements first: then all lie aligned, and the file can be used in place.
        TensorStream[] streams =
        [
            .. checkpoint.Entries.Where(pair => !IsBuffer(pair.Key)).Select(pair => Stream(pair.Key, pair.Value))
                .OrderByDescending(stream => stream.Type.ElementSize()),
        ];
        total = streams.Sum(stream => stream.Bytes);
        RequireSpace(path, total);
        SafetensorsWriter.Write(path, streams, new Dictionary<string, string> { ["format"] = "pt" });

        TensorStream Stream(string name, WeightEntry entry)
        {
            var type = entry.IsFloatingPoint ? options.Dtype ?? entry.Type : entry.Type;
            return new TensorStream(name, type, entry.Shape, Pieces(name, type));
        }

        IEnumerable<Tensor> Pieces(string name, ScalarType type)
        {
            foreach (var (_, piece) in checkpoint.ReadPieces(name, type, options.AllowNonfinite))
            {
                cancellation.ThrowIfCancellationRequested();
                yield return piece;
                done += piece.NumberOfElements * type.ElementSize();
                progress?.Report(new ConversionProgress(done, total, watch.Elapsed));
            }
        }
    }

    private static void RequireSpace(string path, long bytes)
    {
        var free = new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace;
        if (free < bytes)
        {
            throw new CheckpointException($"{path}: expected {bytes:N0} bytes free on its disk, got {free:N0}");
        }
    }

    private static string NewConfig(string path, ScalarType? type)
    {
        try
        {
            var root = JsonFile.Read(path);
            var config = root.ValueKind == JsonValueKind.Object
                ? JsonObject.Create(root)!
                : throw new CheckpointException($"{path}: expected a JSON object, got {root.ValueKind}");
            if (type is { } written)
            {
                config["torch_dtype"] = written.ToString().ToLowerInvariant();
                config.Remove("dtype"); // the same in newer files
            }

            return config.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{path}: cannot be read: {error.Message}", error);
        }
        catch (ArgumentException error)
        {
            throw new CheckpointException($"{path}: expected each field once: {error.Message}", error);
        }
    }
}
