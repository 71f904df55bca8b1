using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
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

    // A tokenizer has had many names; whatever is small and beside the weights goes with them.
    private static readonly string[] s_copied = [".json", ".txt", ".model", ".bpe", ".vocab", ".tiktoken", ".jinja", ".md"];

    /// <summary>Converts a model's folder.</summary>
    /// <param name="source">The folder.</param>
    /// <param name="destination">The new folder; nothing of that name may be there.</param>
    /// <param name="options">The element type.</param>
    /// <param name="progress">Is told after each few MiB.</param>
    /// <param name="cancellation">Stops it; nothing is left of it then.</param>
    /// <exception cref="CheckpointException">
    /// A file is missing, broken, quantised or holds NaN or infinity, the destination exists, or there is no room for it.
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
        var config = ReadConfig(Path.Combine(source, Config));
        var checkpoint = CheckpointFile.OpenFolder(source);
        var weights = WeightsOf(checkpoint, config["model_type"] is JsonValue type && type.TryGetValue(out string? name) ? name : null);
        string[] beside = [.. Directory.EnumerateFiles(source).Where(IsCopied)];
        var temporary = $"{final}.{Environment.ProcessId}.part";
        try
        {
            if (Path.Exists(final))
            {
                throw new CheckpointException($"{final}: expected a folder that is not there yet, got one that is");
            }

            Directory.CreateDirectory(temporary);
            WriteWeights(checkpoint, weights, Path.Combine(temporary, CheckpointFile.Names[0]), options, progress, cancellation);
            AtomicFile.Write(Path.Combine(temporary, Config), Written(config, options.Dtype));
            foreach (var file in beside)
            {
                RequireNoPointer(file);
                File.Copy(file, Path.Combine(temporary, Path.GetFileName(file)));
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
        IReadOnlyDictionary<string, WeightEntry> weights,
        string path,
        ConversionOptions options,
        IProgress<ConversionProgress>? progress,
        CancellationToken cancellation)
    {
        var (done, total, watch) = (0L, 0L, Stopwatch.StartNew());

        // Wide elements first: then all lie aligned, and the file can be used in place.
        TensorStream[] streams =
        [
            .. weights.Select(pair => Stream(pair.Key, pair.Value))
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

    // Without the constants that a model computes for itself and old files still carry: some are too large for float16.
    private static Dictionary<string, WeightEntry> WeightsOf(Checkpoint checkpoint, string? architecture)
    {
        var weights = checkpoint.Entries.Where(pair => !Families.IsBuffer(architecture, pair.Key)).ToDictionary();
        var ours = Families.Has(architecture);
        foreach (var (name, entry) in weights.Where(pair => !pair.Value.IsFloatingPoint))
        {
            if (ours || entry.Type is ScalarType.Int8 or ScalarType.Byte || name.Contains("weight", StringComparison.Ordinal))
            {
                throw new CheckpointException(
                    $"{checkpoint.Path}: tensor '{name}': expected floating-point numbers, got {entry.Type}; "
                    + "quantised weights are not implemented");
            }
        }

        return weights;
    }

    private static bool IsCopied(string file) =>
        Path.GetFileName(file) is var name && name != Config && !CheckpointFile.IsIndex(name)
        && s_copied.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    private static void RequireNoPointer(string file)
    {
        var start = new byte[GitLfs.Longest];
        using var stream = File.OpenRead(file);
        GitLfs.Refuse(file, start.AsSpan(0, stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)));
    }

    private static string Written(JsonObject config, ScalarType? type)
    {
        if (type is { } written)
        {
            config["torch_dtype"] = written.ToString().ToLowerInvariant();
            config.Remove("dtype"); // the same in newer files
        }

        return config.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    private static JsonObject ReadConfig(string path)
    {
        try
        {
            var root = JsonFile.Read(path);
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw new CheckpointException($"{path}: expected a JSON object, got {root.ValueKind}");
            }

            if (JsonFile.Quantisation(root) is { } field)
            {
                throw new CheckpointException($"{path}: {field}: expected none, since quantised weights are not implemented, got one");
            }

            var config = JsonObject.Create(root)!;
            _ = config.Count; // reads the fields, each of which may be there once
            return config;
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
