using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Logitscope;

/// <summary>
/// An affine map for each layer of one model, <c>W h + b</c> or <c>h + W h + b</c>, and what it was fitted on: a folder of
/// <c>fitted.safetensors</c> (<c>weight.3</c>, <c>bias.3</c>; <c>jacobian.3</c>) and <c>fitted.json</c>.
/// </summary>
public sealed class FittedLens : IDisposable
{
    /// <summary>What it is.</summary>
    public const string ManifestFile = "fitted.json";

    /// <summary>Its numbers.</summary>
    public const string TensorFile = "fitted.safetensors";

    private readonly Dictionary<int, AffineMapping> _maps;
    private LanguageModel? _model; // which is known to be the one of the manifest

    /// <summary>Takes maps.</summary>
    /// <param name="manifest">What they are.</param>
    /// <param name="maps">One a layer of the manifest; disposed with the lens.</param>
    public FittedLens(FittedManifest manifest, IEnumerable<(int Layer, Tensor Weight, Tensor? Bias)> maps)
    {
        Manifest = manifest;
        _maps = maps.ToDictionary(
            map => map.Layer,
            map => new AffineMapping(
                $"{manifest.Kind}.{map.Layer}", map.Weight.DetachFromDisposeScope(), map.Bias?.DetachFromDisposeScope(), manifest.AddsInput));
    }

    /// <summary>What it is.</summary>
    public FittedManifest Manifest { get; }

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="model">The model that it must be of; the maps go to its device.</param>
    /// <param name="kind">What it must be, as <c>tuned-lens</c>.</param>
    /// <returns>The lens.</returns>
    /// <exception cref="FitException">It is of another kind or model, or broken.</exception>
    public static FittedLens Load(string folder, LanguageModel model, string kind)
    {
        var (manifest, file) = FittedManifest.Open(folder, model, kind);
        try
        {
            return new FittedLens(manifest, manifest.Layers.Select(layer => (layer, Read(manifest.MatrixName, layer)!, Read("bias", layer)))) { _model = model };
        }
        catch (CheckpointException error)
        {
            throw FittedManifest.Broken(folder, kind, error);
        }

        Tensor? Read(string name, int layer) => name == "bias" && !file.Has($"bias.{layer}") ? null : file
            .Read($"{name}.{layer}", name == "bias" ? [manifest.HiddenSize] : [manifest.HiddenSize, manifest.HiddenSize])
            .to(model.Device).clone();
    }

    /// <summary>Writes the folder; the manifest comes last.</summary>
    /// <param name="folder">Created where it does not exist.</param>
    /// <exception cref="LogitscopeException">It cannot be written.</exception>
    public void Save(string folder) => Manifest.Save(
        folder,
        _maps.OrderBy(map => map.Key).SelectMany(map => map.Value.Bias is { } bias
            ? new[] { ($"{Manifest.MatrixName}.{map.Key}", map.Value.Weight), ($"bias.{map.Key}", bias) }
            : [($"{Manifest.MatrixName}.{map.Key}", map.Value.Weight)]));

    /// <summary>The map of a layer's resid_post; the last layer, where none was fitted, is left as it is.</summary>
    /// <param name="model">The model that the residuals are of.</param>
    /// <param name="layer">0-based.</param>
    /// <returns>The mapping.</returns>
    /// <exception cref="FitException">It was fitted on another model or site, or not for this layer.</exception>
    public Mapping At(LanguageModel model, int layer)
    {
        RequireModel(model);
        return _maps.TryGetValue(layer, out var map) ? map
            : layer == model.Layers - 1 ? Mapping.Identity
            : throw new FitException($"{Manifest.Kind} at layer {layer}: expected one of the layers {string.Join(", ", Manifest.Layers)}, which were fitted");
    }

    /// <summary>A layer's matrix.</summary>
    internal Tensor Matrix(int layer) => _maps[layer].Weight;

    /// <summary>Frees the maps.</summary>
    public void Dispose()
    {
        foreach (var map in _maps.Values)
        {
            map.Weight.Dispose();
            map.Bias?.Dispose();
        }
    }

    // The fingerprint reads every weight: once a model.
    private void RequireModel(LanguageModel model)
    {
        if (ReferenceEquals(model, _model))
        {
            return;
        }

        Manifest.RequireModel(model);
        _model = model;
    }
}

/// <summary>What was fitted, and on what: the content of <c>fitted.json</c>.</summary>
/// <param name="Kind">The method that reads it.</param>
/// <param name="Model">The model's fingerprint; null where a lens of other people's does not say.</param>
/// <param name="Architecture">Its family.</param>
/// <param name="Dtype">Its arithmetic.</param>
/// <param name="HiddenSize">Its width.</param>
/// <param name="Site">Where residuals were read.</param>
/// <param name="Layers">The 0-based layers that have a map.</param>
/// <param name="AddsInput">Whether the map is <c>h + W h + b</c>.</param>
/// <param name="Data">Hash of prompts, split and positions.</param>
/// <param name="Prompts">How many prompts it was fitted on.</param>
/// <param name="HeldOutPrompts">How many it was judged by.</param>
/// <param name="Options">How it was fitted.</param>
/// <param name="HeldOut">Its held-out loss as it was fitted; step 0 is the logit lens.</param>
/// <param name="Library">Version of Logitscope.</param>
public sealed record FittedManifest(
    string Kind,
    string? Model,
    string Architecture,
    string Dtype,
    int HiddenSize,
    Site Site,
    IReadOnlyList<int> Layers,
    bool AddsInput,
    string Data,
    int Prompts,
    int HeldOutPrompts,
    JsonElement Options,
    IReadOnlyList<HeldOutLoss> HeldOut,
    string Library)
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>How many prompts were too short to be fitted on.</summary>
    public int SkippedPrompts { get; init; }

    /// <summary>How many tokens further it foretells than the next one.</summary>
    public int Ahead { get; init; }

    /// <summary>What its matrices are called in the file.</summary>
    internal string MatrixName => Kind == "jacobian" ? "jacobian" : "weight";

    /// <summary>Options of a fit as a manifest holds them.</summary>
    internal static JsonElement OptionsOf(object options) => JsonSerializer.SerializeToElement(options, options.GetType(), s_json);

    /// <summary>Writes a folder; the manifest comes last.</summary>
    /// <exception cref="FitException">It cannot be written.</exception>
    internal void Save(string folder, IEnumerable<(string Name, Tensor Value)> tensors)
    {
        try
        {
            Directory.CreateDirectory(folder);
            SafetensorsWriter.Write(Path.Combine(folder, FittedLens.TensorFile), [.. tensors]);
            AtomicFile.Write(Path.Combine(folder, FittedLens.ManifestFile), JsonSerializer.Serialize(this, s_json) + "\n");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FitException($"{folder}: cannot be written: {error.Message}", error);
        }
    }

    /// <summary>Reads a folder of a kind that was fitted on a model.</summary>
    /// <exception cref="FitException">It is of another kind or model, or broken.</exception>
    internal static (FittedManifest Manifest, SafetensorsFile File) Open(string folder, LanguageModel model, string kind)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize<FittedManifest>(JsonFile.Read(Path.Combine(folder, FittedLens.ManifestFile)), s_json)!;
            if (manifest.Kind != kind)
            {
                throw new FitException($"{folder}: expected a fitted {kind}, got {manifest.Kind}");
            }

            manifest.RequireModel(model);
            return (manifest, SafetensorsFile.Open(Path.Combine(folder, FittedLens.TensorFile)));
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException or CheckpointException)
        {
            throw Broken(folder, kind, error);
        }
    }

    /// <summary>The error for a folder that does not hold what it should.</summary>
    internal static FitException Broken(string folder, string kind, Exception error) =>
        new($"{folder}: not a fitted {kind}: {error.Message}", error);

    /// <summary>Refuses another model. The fingerprint reads every weight.</summary>
    /// <exception cref="FitException">It is another one.</exception>
    internal void RequireModel(LanguageModel model)
    {
        if (Site != Site.ResidPost)
        {
            throw new FitException($"{Kind}: expected one fitted at the site {Site.ResidPost.Name()}, got one of {Site.Name()}");
        }

        if (Model is { } fitted && model.Fingerprint is var here && here != fitted)
        {
            throw new FitException(
                $"{Kind}: expected the model that it was fitted on, {Architecture} {fitted[..8]} in {Dtype}, "
                + $"got {model.Architecture} {here[..8]} in {model.Arithmetic}");
        }
    }

    /// <summary>What is known when a fit is done.</summary>
    internal static FittedManifest Of(
        string kind, FitData data, IReadOnlyList<int> layers, object options, IReadOnlyList<HeldOutLoss> heldOut, bool addsInput = false) => new(
        kind, data.Model.Fingerprint, data.Model.Architecture, data.Model.Arithmetic, data.Model.HiddenSize, Site.ResidPost, layers,
        addsInput, data.Hash, data.Training.Count, data.HeldOut.Count, OptionsOf(options), heldOut,
        typeof(FittedManifest).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion);
}

/// <summary>A held-out loss after some steps.</summary>
/// <param name="Step">Steps done; of a fit in closed form, 1.</param>
/// <param name="Kl">Mean <c>KL(model || lens)</c> in nats, of each layer that is fitted.</param>
public sealed record HeldOutLoss(int Step, IReadOnlyList<double> Kl);

/// <summary>An affine map of residuals, in its own element type.</summary>
/// <param name="Called">Its name.</param>
/// <param name="Weight"><c>[target hidden, source hidden]</c>.</param>
/// <param name="Bias"><c>[target hidden]</c>; null for none.</param>
/// <param name="AddsInput">Whether it is <c>h + W h + b</c> instead of <c>W h + b</c>.</param>
public sealed record AffineMapping(string Called, Tensor Weight, Tensor? Bias, bool AddsInput = false) : Mapping
{
    /// <inheritdoc/>
    public override string Name => Called;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, object Value)> Parameters => Bias is null
        ? [("weight", Weight), ("adds_input", AddsInput)]
        : [("weight", Weight), ("bias", Bias), ("adds_input", AddsInput)];

    /// <inheritdoc/>
    public override Tensor Apply(Tensor residual)
    {
        var input = residual.to(Weight.dtype);
        var mapped = nn.functional.linear(input, Weight, Bias);
        return AddsInput ? input + mapped : mapped;
    }
}
